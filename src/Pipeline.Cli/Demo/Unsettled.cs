namespace Pipeline.Cli.Demo;

/// <summary>What may still become right by itself, when the messages that follow a cancellation are through.</summary>
internal sealed record Unsettled(IReadOnlyList<string> OrderIds, IReadOnlyList<string> Stock)
{
    public bool IsSettled => OrderIds.Count == 0 && Stock.Count == 0;

    public bool Equals(Unsettled? other) =>
        other is not null && OrderIds.SequenceEqual(other.OrderIds, StringComparer.Ordinal) && Stock.SequenceEqual(other.Stock, StringComparer.Ordinal);

    public override int GetHashCode() => HashCode.Combine(OrderIds.Count, Stock.Count);
}

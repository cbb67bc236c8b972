namespace Pipeline.Cli.Demo;

/// <summary>Differences that can disappear when the messages after a cancellation are handled.</summary>
internal sealed record Unsettled(IReadOnlyList<string> OrderIds, IReadOnlyList<string> Stock)
{
    public bool IsSettled => OrderIds.Count == 0 && Stock.Count == 0;

    public bool Equals(Unsettled? other) =>
        other is not null && OrderIds.SequenceEqual(other.OrderIds, StringComparer.Ordinal) && Stock.SequenceEqual(other.Stock, StringComparer.Ordinal);

    public override int GetHashCode() => HashCode.Combine(OrderIds.Count, Stock.Count);
}

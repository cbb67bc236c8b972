using Pipeline.Client;

namespace Pipeline.Outbox;

/// <summary>Which quarantined records are meant. What is <see langword="null"/> does not matter.</summary>
public sealed record QuarantineFilter
{
    /// <summary>Part of the reason, in any case.</summary>
    public string? Reason { get; init; }

    /// <summary>The CloudEvents type of one of its messages.</summary>
    public string? Type { get; init; }

    /// <summary>Quarantined before then.</summary>
    public DateTimeOffset? Before { get; init; }

    internal bool Matches(QuarantinedMessageSummary message) =>
        (Reason is null || message.Reason.Contains(Reason, StringComparison.OrdinalIgnoreCase))
        && (Type is null || message.Types.Contains(Type, StringComparer.Ordinal))
        && (Before is null || message.Since < Before);
}

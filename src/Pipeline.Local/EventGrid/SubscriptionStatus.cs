namespace Pipeline.Local.EventGrid;

/// <summary>A subscription, for people. Counts of what happened begin with the process.</summary>
internal sealed record SubscriptionStatus
{
    public required string Name { get; init; }

    public string? Function { get; init; }

    /// <summary>The webhook, without the query, which may hold its key.</summary>
    public string? Endpoint { get; init; }

    /// <summary>"topology.json", or "run time".</summary>
    public required string Source { get; init; }

    /// <summary>A <see cref="SubscriptionState"/>, or "WaitingForHost" while no host runs the function.</summary>
    public required string State { get; init; }

    public IReadOnlyList<string>? Types { get; init; }

    public string? SubjectBeginsWith { get; init; }

    public string? SubjectEndsWith { get; init; }

    public IReadOnlyList<AdvancedFilterDefinition>? AdvancedFilters { get; init; }

    /// <summary>Events that are neither delivered nor given up.</summary>
    public int Pending { get; init; }

    public int InFlight { get; init; }

    public long Delivered { get; init; }

    public long FailedAttempts { get; init; }

    /// <summary>Events given up whose blob is not written yet.</summary>
    public int DeadLettersToWrite { get; init; }

    /// <summary>Events given up whose blob is written.</summary>
    public long DeadLettered { get; init; }

    public string? LastError { get; init; }
}

namespace Pipeline.Client;

/// <summary>Selects dead letters in lists. A property that is <see langword="null"/> selects all.</summary>
public sealed record DeadLetterQuery
{
    /// <summary>Gets the status: <c>open</c>, <c>waitingForRetry</c>, <c>closed</c>, <c>discarded</c> or <c>all</c>. Default: <c>open</c>.</summary>
    public string? Status { get; init; }

    /// <summary>Gets the consumer.</summary>
    public string? Consumer { get; init; }

    /// <summary>Gets the subject.</summary>
    public string? Subject { get; init; }

    /// <summary>Gets the CloudEvents type.</summary>
    public string? Type { get; init; }

    /// <summary>Gets the CloudEvents id.</summary>
    public string? Event { get; init; }

    /// <summary>Gets the CloudEvents source.</summary>
    public string? Source { get; init; }

    /// <summary>Gets the reason, such as <c>HandlerFailed</c>.</summary>
    public string? Reason { get; init; }

    /// <summary>Gets the group.</summary>
    public string? Fingerprint { get; init; }

    /// <summary>Gets the time since when they were created.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Gets the time before which they were created.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>Gets the id of one dead letter.</summary>
    public string? Id { get; init; }

    /// <summary>Adds the properties that are set to an address.</summary>
    public QueryText AddTo(QueryText address) => address
        .Add("status", Status)
        .Add("consumer", Consumer)
        .Add("subject", Subject)
        .Add("type", Type)
        .Add("event", Event)
        .Add("source", Source)
        .Add("reason", Reason)
        .Add("fingerprint", Fingerprint)
        .Add("from", From)
        .Add("to", To)
        .Add("id", Id);
}

namespace Pipeline.Decisions;

/// <summary>What a handler may know about the message or command that it handles, besides its data. All of it is fixed before the handler runs.</summary>
public sealed record HandlerContext
{
    /// <summary>Id of the message, or of the HTTP command; becomes the causation id of what the handler sends.</summary>
    public required string MessageId { get; init; }

    /// <summary>The conversation; handed on to what the handler sends.</summary>
    public required string CorrelationId { get; init; }

    /// <summary>The partition that is being handled.</summary>
    public required string Partition { get; init; }

    /// <summary>The time of this handling. A handler reads no clock.</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>When the sender committed the message; <see langword="null"/> for an HTTP command, or where the sender said nothing.</summary>
    public DateTimeOffset? SentAt { get; init; }

    /// <summary>The sender's service; <see langword="null"/> for an HTTP command.</summary>
    public string? Source { get; init; }

    /// <summary>The sender's sequence, if the message is an event.</summary>
    public long? Sequence { get; init; }

    /// <summary>W3C trace context for what the handler sends.</summary>
    public string? TraceParent { get; init; }
}

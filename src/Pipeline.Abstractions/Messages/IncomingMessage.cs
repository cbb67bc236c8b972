namespace Pipeline.Messages;

/// <summary>A CloudEvent as a consumer gets it, with the attributes that the pipeline relies on.</summary>
public sealed record IncomingMessage
{
    /// <summary>The longest CloudEvents id, in characters: it must fit a Service Bus message id.</summary>
    public const int MaxIdLength = 128;

    /// <summary>The longest CloudEvents source, and the longest subject, in characters: of any attribute but the id.</summary>
    public const int MaxNameLength = 1024;

    /// <summary>CloudEvents <c>id</c>.</summary>
    public required string Id { get; init; }

    /// <summary>CloudEvents <c>source</c>: the service that sent it.</summary>
    public required string Source { get; init; }

    /// <summary>CloudEvents <c>type</c>.</summary>
    public required string Type { get; init; }

    /// <summary>CloudEvents <c>subject</c>: what it is about; <see langword="null"/> where the sender gave none.</summary>
    public string? Subject { get; init; }

    /// <summary>CloudEvents <c>time</c>: when the sender committed it; <see langword="null"/> where the sender gave none.</summary>
    public DateTimeOffset? Time { get; init; }

    /// <summary>CloudEvents <c>sequence</c>, the sender's outgoing number; <see langword="null"/> for commands and replies.</summary>
    public long? Sequence { get; init; }

    /// <summary>The conversation that this message belongs to; its own id where the sender named none.</summary>
    public string CorrelationId
    {
        get => field ?? Id;
        init;
    }

    /// <summary>Id of the message that caused this one; <see langword="null"/> where the sender named none.</summary>
    public string? CausationId { get; init; }

    /// <summary>The data, as UTF-8 JSON; <see langword="null"/> if there is none in the event itself.</summary>
    public ReadOnlyMemory<byte>? Data { get; init; }

    /// <summary>Where the data is, for an event that does not carry it itself (extension "Dataref (Claim Check Pattern)").</summary>
    public string? DataRef { get; init; }

    /// <summary>W3C trace context of the sender.</summary>
    public string? TraceParent { get; init; }

    /// <summary>The edit that made the event what it is. Only trusted in messages that come from our own dead letters.</summary>
    internal string? EditId { get; init; }

    /// <summary>Who made that edit.</summary>
    internal string? EditedBy { get; init; }
}

namespace Pipeline.Testing;

/// <summary>Attributes of a message that a test delivers. What is <see langword="null"/> is chosen as the sender's relay would.</summary>
public sealed record EventAttributes
{
    /// <summary>CloudEvents <c>id</c>, at most 128 characters. Default: source, subject and sequence, as in <c>orders:o-1:1</c>.</summary>
    public string? Id { get; init; }

    /// <summary>CloudEvents <c>source</c>: the service that sent it. Default: the owner in its type.</summary>
    public string? Source { get; init; }

    /// <summary>The sequence of an event within its source and subject. Default: the next one.</summary>
    public long? Sequence { get; init; }

    /// <summary>CloudEvents <c>time</c>. Default: now.</summary>
    public DateTimeOffset? Time { get; init; }

    /// <summary>The conversation. Default: the subject.</summary>
    public string? CorrelationId { get; init; }

    /// <summary>The id of the message that caused it. Default: none.</summary>
    public string? CausationId { get; init; }
}

namespace Pipeline.Commands;

/// <summary>A command that came over HTTP.</summary>
public sealed record HttpCommand
{
    /// <summary>The partition: the aggregate that the command is for.</summary>
    public required string Partition { get; init; }

    /// <summary>What tells this command from every other one for the same partition, the caller's <c>Idempotency-Key</c> say.</summary>
    public required string IdempotencyKey { get; init; }

    /// <summary>Digest of the request's content, so that the same key with another content is noticed.</summary>
    public required string RequestHash { get; init; }

    /// <summary>The command's name, for the record of what was handled.</summary>
    public required string Type { get; init; }

    /// <summary>The conversation; <see langword="null"/> starts one, named after the partition.</summary>
    public string? CorrelationId { get; init; }
}

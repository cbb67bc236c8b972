namespace Pipeline.Local.Testing;

/// <summary>An invocation of a function that has ended.</summary>
public sealed record FunctionInvocation
{
    /// <summary>The function's name.</summary>
    public required string Function { get; init; }

    /// <summary>Identifies the invocation. A retry is an invocation of its own.</summary>
    public required string InvocationId { get; init; }

    /// <summary>Name of the host that ran it, see <see cref="PipelineHostInstance.Name"/>.</summary>
    public required string Host { get; init; }

    /// <summary>What triggered it, in a few words: message id with session and delivery count, method and path, number of changes.</summary>
    public required string Input { get; init; }

    /// <summary>Number of the retry by an attribute; 0 for the first attempt, and where there is no such attribute.</summary>
    public required int Retry { get; init; }

    /// <summary>When it began, by the platform's clock.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>When it ended, by the platform's clock.</summary>
    public required DateTimeOffset EndedAt { get; init; }

    /// <summary>What it threw; <see langword="null"/> if it succeeded.</summary>
    public required Exception? Exception { get; init; }

    /// <summary>Whether it ended without an exception. What it answered or settled is another matter.</summary>
    public bool Succeeded => Exception is null;

    /// <inheritdoc/>
    public override string ToString() => $"{Function} on {Input}: {(Exception is null ? "succeeded" : $"{Exception.GetType().Name}: {Exception.Message}")}";
}

namespace Pipeline.Client;

/// <summary>The pipeline did not answer: nothing listens, the connection broke, or the time ran out.</summary>
public sealed class PipelineUnreachableException : PipelineClientException
{
    internal PipelineUnreachableException(string message, bool isTimeout, Exception cause)
        : base(message, cause) => IsTimeout = isTimeout;

    /// <summary>Gets whether it was connected, but did not answer in time.</summary>
    public bool IsTimeout { get; }

    /// <inheritdoc/>
    public override bool IsTransient => true;
}

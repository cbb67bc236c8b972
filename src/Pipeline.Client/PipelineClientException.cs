namespace Pipeline.Client;

/// <summary>A request to a pipeline failed. The message says what is wrong and what to do.</summary>
public abstract class PipelineClientException : Exception
{
    private protected PipelineClientException(string message, Exception? cause = null)
        : base(message, cause)
    {
    }

    /// <summary>Gets whether the same request may succeed when it is sent again a little later.</summary>
    public virtual bool IsTransient => false;
}

namespace Pipeline.Client;

/// <summary>The answer is not that of a pipeline, or of a pipeline of a version that this client does not know.</summary>
public sealed class InvalidAnswerException : PipelineClientException
{
    internal InvalidAnswerException(string message, Exception? cause = null)
        : base(message, cause)
    {
    }
}

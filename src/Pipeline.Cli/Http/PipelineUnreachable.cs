namespace Pipeline.Cli.Http;

/// <summary>No answer: nothing listens, the connection broke, or the time ran out.</summary>
internal sealed class PipelineUnreachable(string message, Exception cause) : CliFailure(message, cause)
{
    public override bool IsTransient => true;
}

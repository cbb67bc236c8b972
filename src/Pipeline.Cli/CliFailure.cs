namespace Pipeline.Cli;

/// <summary>A failure that is reported to the user in one line, with what to do about it.</summary>
internal class CliFailure(string message, Exception? cause = null) : Exception(message, cause)
{
    /// <summary>Whether the same request may succeed when it is sent again a little later.</summary>
    public virtual bool IsTransient => false;
}

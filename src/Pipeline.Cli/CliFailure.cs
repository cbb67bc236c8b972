namespace Pipeline.Cli;

/// <summary>A failure that is reported to the user in one line, with what to do about it.</summary>
internal sealed class CliFailure(string message, Exception? cause = null) : Exception(message, cause);

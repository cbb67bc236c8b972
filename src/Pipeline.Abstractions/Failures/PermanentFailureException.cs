namespace Pipeline.Failures;

/// <summary>Thrown by a handler or gateway when trying again cannot help. The message becomes a dead letter at once.</summary>
public sealed class PermanentFailureException : Exception
{
    /// <summary>Creates the exception.</summary>
    public PermanentFailureException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}

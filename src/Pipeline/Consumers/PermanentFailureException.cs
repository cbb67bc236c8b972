namespace Pipeline.Consumers;

/// <summary>Thrown by a handler or gateway when trying again cannot help. The message goes to the ledger at once.</summary>
public sealed class PermanentFailureException : Exception
{
    /// <summary>Creates the exception.</summary>
    public PermanentFailureException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}

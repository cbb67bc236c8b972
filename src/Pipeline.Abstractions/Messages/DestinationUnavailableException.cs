namespace Pipeline.Messages;

/// <summary>One topic or queue takes nothing now, while others may. It says nothing against the messages.</summary>
public sealed class DestinationUnavailableException : Exception
{
    /// <summary>Creates the exception.</summary>
    public DestinationUnavailableException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}

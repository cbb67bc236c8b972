namespace Pipeline.Messages;

/// <summary>
/// A handler sends a message that cannot be sent: it is in no catalog, breaks its contract, or has the wrong ordering key. Trying again does
/// not help, so it is a permanent failure of the message that is handled.
/// </summary>
public sealed class InvalidMessageException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What is wrong with the message.</param>
    /// <param name="innerException">How it was found.</param>
    public InvalidMessageException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}

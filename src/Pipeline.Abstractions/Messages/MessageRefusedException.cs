namespace Pipeline.Messages;

/// <summary>The broker will never accept a message as it is; sending it again is pointless.</summary>
public sealed class MessageRefusedException : Exception
{
    /// <summary>Creates the exception.</summary>
    public MessageRefusedException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}

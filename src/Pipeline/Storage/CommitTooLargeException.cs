namespace Pipeline.Storage;

/// <summary>A handling wants to write more than one transactional batch takes. Trying again will not help.</summary>
public sealed class CommitTooLargeException : Exception
{
    /// <summary>Creates the exception.</summary>
    public CommitTooLargeException(string message)
        : base(message)
    {
    }
}

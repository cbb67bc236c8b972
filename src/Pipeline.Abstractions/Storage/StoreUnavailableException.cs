namespace Pipeline.Storage;

/// <summary>Cosmos DB did not answer within the time for retries, or answered that it cannot now. Trying later may help.</summary>
public sealed class StoreUnavailableException : Exception
{
    /// <summary>Creates the exception.</summary>
    public StoreUnavailableException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}

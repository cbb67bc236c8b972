namespace Pipeline.Storage;

/// <summary>Cosmos DB refused a continuation: it was changed on its way, or belongs to another query or container.</summary>
public sealed class InvalidContinuationException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="detail">What Cosmos DB said; <see langword="null"/> if it said nothing.</param>
    /// <param name="innerException">How it was found.</param>
    public InvalidContinuationException(string? detail, Exception? innerException = null)
        : base($"The continuation does not fit: {detail}", innerException)
    {
    }
}

namespace Pipeline.Local.Cosmos;

/// <summary>A request that ends with an error status. Frequent outcomes (404, 409, 412) are results, not exceptions.</summary>
/// <param name="status">The status.</param>
/// <param name="message">What the client is told: no paths of this machine.</param>
/// <param name="subStatus">The substatus.</param>
/// <param name="cause">What is for the log only.</param>
internal sealed class CosmosFailure(int status, string message, int subStatus = 0, Exception? cause = null) : Exception(message, cause)
{
    public int Status { get; } = status;
    public int SubStatus { get; } = subStatus;

    /// <summary>What the real service can do and this endpoint cannot.</summary>
    public static CosmosFailure NotSupported(string message) => new(400, message + " (Not supported by the local Cosmos DB endpoint.)");
}

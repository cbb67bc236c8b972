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

/// <summary>Substatus codes that the SDK reacts to, or that operators know from the real service.</summary>
internal static class SubStatus
{
    public const int PartitionKeyMismatch = 1001;
    public const int PartitionKeyRangeGone = 1002;
    public const int ReadSessionNotAvailable = 1002;
    public const int OwnerResourceNotFound = 1003;
    public const int IncorrectContainerRid = 1024;
    public const int PatchConditionFailed = 1110;
    public const int BatchResponseTooLarge = 3402;
    public const int RequestRateTooLarge = 3200;
}

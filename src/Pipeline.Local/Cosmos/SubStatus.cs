namespace Pipeline.Local.Cosmos;

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

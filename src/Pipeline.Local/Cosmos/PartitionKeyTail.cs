namespace Pipeline.Local.Cosmos;

/// <summary>The second component of a hierarchical partition key, and perhaps a third.</summary>
internal sealed record PartitionKeyTail(PartitionKeyValue Rest);

namespace Pipeline.Local.Cosmos;

/// <summary>One operation of a batch as it is on the wire.</summary>
internal struct BatchRecord
{
    public int OperationType;
    public int ResourceType;
    public string? PartitionKey;
    public string? Id;
    public ReadOnlyMemory<byte> Body;
    public string? IfMatch;
    public string? IfNoneMatch;
    public bool MinimalReturn;
}

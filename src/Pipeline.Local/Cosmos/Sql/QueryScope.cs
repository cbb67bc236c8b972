namespace Pipeline.Local.Cosmos.Sql;

/// <summary>What a query runs over.</summary>
internal sealed record QueryScope(DocumentStore Store, StoredContainer Container, PartitionKeyValue? PartitionKey, RingRange Range)
{
    /// <summary>Of the requests that make up a query over all ranges, the first.</summary>
    public bool IsFirst => PartitionKey is not null || Range.From == RingRange.All.From;
}

namespace Pipeline.Local.Cosmos;

/// <summary>What a request is about.</summary>
internal enum CosmosResource
{
    Account,
    Database,
    Container,
    PartitionKeyRanges,
    Item,
    ItemFeed,
    Batch,
    Query,
    QueryPlan,
    ChangeFeed,
    Unknown,
}

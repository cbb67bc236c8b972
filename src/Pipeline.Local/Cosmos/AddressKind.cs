namespace Pipeline.Local.Cosmos;

internal enum AddressKind
{
    Account,
    Databases,
    Database,
    Containers,
    Container,
    PartitionKeyRanges,
    Items,
    Item,
    Unknown,
}

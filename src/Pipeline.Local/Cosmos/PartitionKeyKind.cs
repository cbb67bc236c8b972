namespace Pipeline.Local.Cosmos;

internal enum PartitionKeyKind : byte
{
    Undefined = 0,
    Null = 1,
    False = 2,
    True = 3,
    Number = 5,
    String = 8,
}

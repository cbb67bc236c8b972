namespace Pipeline.Local.Cosmos;

internal sealed class StoredDatabase(string name, uint number, long timestampSeconds, DocumentIndex index)
{
    public DocumentIndex Index { get; } = index;
    public string Name { get; } = name;
    public uint Number { get; } = number;
    public string Rid { get; } = ResourceId.Database(number);
    public long TimestampSeconds { get; } = timestampSeconds;
    public uint LastContainer { get; set; }
    public Dictionary<string, StoredContainer> Containers { get; } = new(StringComparer.Ordinal);
    public bool Dropped { get; set; }
}

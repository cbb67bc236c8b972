namespace Pipeline.Local.Cosmos;

/// <summary>Everything the store knows, as replay makes it and compaction writes it. Guarded by the store's lock.</summary>
internal sealed class StoreState(DocumentIndex index)
{
    public DocumentIndex Index { get; } = index;

    public SortedDictionary<string, StoredDatabase> Databases { get; } = new(StringComparer.Ordinal);
    public uint LastDatabase { get; set; }

    /// <summary>Timestamps never go back, whatever the clock does: the change feed is searched by them.</summary>
    public long LastTimestampSeconds { get; set; }

    /// <summary>Every document is one that <see cref="StrictJson"/> takes, except those of which a warning was logged.</summary>
    public bool IsStrict { get; set; }

    /// <summary>Documents that it does not take, met while a journal was read that does not say so.</summary>
    public List<(Partition Partition, string Id)> Unreadable { get; } = [];

    public long LiveBytes => Databases.Values.Sum(database => database.Containers.Values.Sum(container => container.LiveBytes));

    public StoredDatabase DatabaseByNumber(uint number) =>
        Databases.Values.FirstOrDefault(database => database.Number == number)
        ?? throw new InvalidDataException($"The journal names database number {number}, which does not exist.");

    public StoredContainer ContainerByNumber(uint database, uint number) =>
        DatabaseByNumber(database).Containers.Values.FirstOrDefault(container => container.Number == number)
        ?? throw new InvalidDataException($"The journal names container number {number}, which does not exist.");

    public void AddDatabase(StoredDatabase database)
    {
        Databases.Add(database.Name, database);
        LastDatabase = Math.Max(LastDatabase, database.Number);
    }

    public void DropDatabase(StoredDatabase database)
    {
        Databases.Remove(database.Name);
        database.Dropped = true;
        foreach (var container in database.Containers.Values)
            container.Drop();
    }

    public static void AddContainer(StoredContainer container)
    {
        container.Database.Containers.Add(container.Name, container);
        container.Database.LastContainer = Math.Max(container.Database.LastContainer, container.Number);
    }

    public static void DropContainer(StoredContainer container)
    {
        container.Database.Containers.Remove(container.Name);
        container.Drop();
    }
}

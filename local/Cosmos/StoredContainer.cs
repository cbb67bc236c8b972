using System.Text;

namespace Pipeline.Local.Cosmos;

internal sealed class StoredDatabase(string name, uint number, long timestampSeconds, BodyCache bodies)
{
    public BodyCache Bodies { get; } = bodies;
    public string Name { get; } = name;
    public uint Number { get; } = number;
    public string Rid { get; } = ResourceId.Database(number);
    public long TimestampSeconds { get; } = timestampSeconds;
    public uint LastContainer { get; set; }
    public Dictionary<string, StoredContainer> Containers { get; } = new(StringComparer.Ordinal);
}

/// <summary>A container's documents in memory with every index over them. Guarded by the store's lock.</summary>
internal sealed class StoredContainer
{
    /// <summary>The top-level string property that every container indexes, beside id and partition key.</summary>
    public const string IndexedProperty = "kind";

    /// <summary>So that no request pays for a burst of expiries; the rest is invisible anyway and goes with the next ones.</summary>
    private const int MaxPurgedAtOnce = 1000;
    private const int DocumentOverheadBytes = 64;

    private readonly Dictionary<PartitionKeyValue, Partition> _partitions = [];
    private readonly Dictionary<string, KindIndex> _kinds = new(StringComparer.Ordinal);
    private readonly ExpiryHeap _expiry = new();
    private List<ParkedRead>? _parked;

    public StoredContainer(StoredDatabase database, string name, uint number, ContainerDefinition definition, long timestampSeconds)
    {
        Database = database;
        Name = name;
        Number = number;
        Definition = definition;
        TimestampSeconds = timestampSeconds;
        Rid = ResourceId.Container(database.Number, number);
        SelfUtf8 = Encoding.UTF8.GetBytes($"dbs/{database.Rid}/colls/{Rid}/");
        Ranges = new PartitionRanges(this, definition.PhysicalPartitions);
    }

    public StoredDatabase Database { get; }
    public string Name { get; }
    public uint Number { get; }
    public string Rid { get; }
    public byte[] SelfUtf8 { get; }
    public ContainerDefinition Definition { get; }
    public PartitionRanges Ranges { get; }
    public int? DefaultTimeToLiveSeconds { get; private set; }
    public long TimestampSeconds { get; }

    /// <summary>LSN of the last transaction.</summary>
    public long Lsn { get; set; }

    public ulong LastDocument { get; set; }
    public bool Dropped { get; set; }
    public long LiveBytes { get; private set; }
    public ChangeFeedLog Feed { get; } = new();

    /// <summary>Readers of the change feed that wait for the next change; only where a platform is watched.</summary>
    public List<ParkedRead> Parked => _parked ??= [];

    /// <summary>Partitions on the hash ring.</summary>
    public SortedIndex<Partition, EffectiveKey, ByEffectiveKey> Ring { get; } = new();

    public string Etag => $"\"{Number:x8}-{DefaultTimeToLiveSeconds ?? 0:x8}\"";

    public Partition? FindPartition(PartitionKeyValue key) => _partitions.GetValueOrDefault(key);

    public SortedIndex<StoredDocument, DocumentKey, ByDocumentKey>? FindKind(string kind) => _kinds.GetValueOrDefault(kind)?.Documents;

    public StoredDocument? Find(PartitionKeyValue key, string id, long nowSeconds) =>
        FindPartition(key)?.Documents.Find(id) is { } document && document.ExpiresAtSeconds > nowSeconds ? document : null;

    /// <summary>The partition to put documents into; it joins the container with its first document. Ask once per transaction.</summary>
    public Partition PartitionFor(PartitionKeyValue key) => FindPartition(key) ?? new Partition(key, this);

    /// <summary>There is a change.</summary>
    public void WakeReaders()
    {
        if (_parked is not { Count: > 0 })
            return;
        foreach (var read in _parked)
            read.Wake();
        _parked.Clear();
    }

    public void Put(StoredDocument document)
    {
        var partition = document.Partition;
        if (partition.Documents.Count == 0)
        {
            _partitions.Add(partition.Key, partition);
            Ring.Put(partition, partition.EffectiveKey);
        }

        if (partition.Documents.Put(document, document.Id) is { } old)
            Detach(old);

        foreach (var value in document.UniqueValues ?? [])
            partition.UniqueValues[value] = document;
        LastDocument = Math.Max(LastDocument, document.Rid);
        LiveBytes += document.JsonLength + DocumentOverheadBytes;
        Feed.Append(document);
        Database.Bodies.Add(document);
        document.ExpiresAtSeconds = ExpiryOf(document);
        if (document.ExpiresAtSeconds != long.MaxValue)
            _expiry.Add(document);
        if (document.Kind is { } kind)
        {
            if (!_kinds.TryGetValue(kind, out var index))
                _kinds.Add(kind, index = new KindIndex(kind));
            document.Kind = index.Name;
            index.Documents.Put(document, new(partition.EffectiveKey, document.Id));
        }
    }

    public void Remove(StoredDocument document)
    {
        var partition = document.Partition;
        partition.Documents.Remove(document.Id);
        Detach(document);
        if (partition.Documents.Count == 0)
        {
            _partitions.Remove(partition.Key);
            Ring.Remove(partition.EffectiveKey);
        }
    }

    /// <summary>Removes documents whose time has come. The journal need not know: replay finds them expired again.</summary>
    public void Purge(long nowSeconds)
    {
        for (var i = 0; i < MaxPurgedAtOnce && _expiry.Peek() is { } document && document.ExpiresAtSeconds <= nowSeconds; i++)
            Remove(document);
    }

    public void SetDefaultTimeToLive(int? seconds)
    {
        DefaultTimeToLiveSeconds = seconds;
        foreach (var document in Feed.All())
        {
            _expiry.Remove(document);
            document.ExpiresAtSeconds = ExpiryOf(document);
            if (document.ExpiresAtSeconds != long.MaxValue)
                _expiry.Add(document);
        }
    }

    private long ExpiryOf(StoredDocument document)
    {
        // Without a default on the container, the property of an item means nothing.
        if (DefaultTimeToLiveSeconds is not { } seconds)
            return long.MaxValue;
        seconds = document.TimeToLiveSeconds ?? seconds;
        return seconds > 0 ? document.TimestampSeconds + seconds : long.MaxValue;
    }

    private void Detach(StoredDocument document)
    {
        LiveBytes -= document.JsonLength + DocumentOverheadBytes;
        Feed.Remove(document);
        _expiry.Remove(document);
        foreach (var value in document.UniqueValues ?? [])
            document.Partition.UniqueValues.Remove(value);
        if (document.Kind is { } kind && _kinds.TryGetValue(kind, out var index))
        {
            index.Documents.Remove(new(document.Partition.EffectiveKey, document.Id));
            if (index.Documents.Count == 0)
                _kinds.Remove(kind);
        }
    }

    private sealed class KindIndex(string name)
    {
        public string Name { get; } = name;
        public SortedIndex<StoredDocument, DocumentKey, ByDocumentKey> Documents { get; } = new();
    }
}

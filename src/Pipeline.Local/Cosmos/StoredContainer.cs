using System.Text;

namespace Pipeline.Local.Cosmos;

/// <summary>A container and what is known of all its documents, which the index has. Guarded by the store's lock.</summary>
internal sealed class StoredContainer
{
    /// <summary>The top-level string property that every container indexes, beside id and partition key.</summary>
    public const string IndexedProperty = "kind";

    /// <summary>So that no request pays for a burst of expiries; the rest is invisible anyway and goes with the next ones.</summary>
    private const int MaxPurgedAtOnce = 1000;
    private const int DocumentOverheadBytes = 64;

    private List<ParkedRead>? _parked;

    /// <summary>No document expires before this Unix time.</summary>
    private long _nextExpiry = long.MaxValue;

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
    public DocumentIndex Index => Database.Index;

    /// <summary>The container's number in the index.</summary>
    public long Place => (long)Database.Number << 32 | Number;

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
    public bool Dropped { get; private set; }

    /// <summary>What the documents take in the journal, about.</summary>
    public long LiveBytes { get; private set; }

    public int Count { get; private set; }

    /// <summary>Readers of the change feed that wait for the next change; only where a platform is watched.</summary>
    public List<ParkedRead> Parked => _parked ??= [];

    public string Etag => $"\"{Number:x8}-{DefaultTimeToLiveSeconds ?? 0:x8}\"";

    /// <summary>There is a change.</summary>
    public void WakeReaders()
    {
        if (_parked is not { Count: > 0 })
            return;
        foreach (var read in _parked)
            read.Wake();
        _parked.Clear();
    }

    /// <summary>Adds a document, or replaces the one with its id.</summary>
    public void Put(StoredDocument document)
    {
        Remove(document.Partition, document.Id);
        LastDocument = Math.Max(LastDocument, document.Rid);
        LiveBytes += document.JsonLength + DocumentOverheadBytes;
        Count++;
        document.ExpiresAtSeconds = ExpiryOf(document);
        _nextExpiry = Math.Min(_nextExpiry, document.ExpiresAtSeconds);
        Index.Bodies.Add(document);
        Index.Put(document);
    }

    public void Remove(Partition partition, string id)
    {
        if (Index.Remove(partition, id) is { } length)
            Removed(1, length);
    }

    /// <summary>Removes documents whose time has come. The journal need not know: replay finds them expired again.</summary>
    public void Purge(long nowSeconds)
    {
        if (nowSeconds < _nextExpiry)
            return;
        Purge(nowSeconds, MaxPurgedAtOnce);
        _nextExpiry = Index.NextExpiry(this);
    }

    /// <summary>Removes all documents whose time has come, before another time to live could bring them back.</summary>
    public void PurgeAll(long nowSeconds) => Purge(nowSeconds, int.MaxValue);

    public void SetDefaultTimeToLive(int? seconds)
    {
        DefaultTimeToLiveSeconds = seconds;
        Index.SetExpiry(this, seconds);
        _nextExpiry = long.MinValue;
    }

    public void Drop()
    {
        Dropped = true;
        Index.Drop(this);
        WakeReaders();
    }

    private long ExpiryOf(StoredDocument document)
    {
        // Without a default on the container, the property of an item means nothing.
        if (DefaultTimeToLiveSeconds is not { } seconds)
            return long.MaxValue;
        seconds = document.TimeToLiveSeconds ?? seconds;
        return seconds > 0 ? document.TimestampSeconds + seconds : long.MaxValue;
    }

    private void Purge(long nowSeconds, int max)
    {
        var (count, bytes) = Index.RemoveExpired(this, nowSeconds, max);
        Removed(count, bytes);
    }

    private void Removed(int count, long bytes)
    {
        Count -= count;
        LiveBytes -= bytes + count * DocumentOverheadBytes;
    }
}

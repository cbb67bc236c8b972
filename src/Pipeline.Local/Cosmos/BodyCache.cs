namespace Pipeline.Local.Cosmos;

/// <summary>
/// Keeps the bodies of the documents that were written or read last in memory, up to a budget. All others are in the
/// journal, each at a known place, and read back when they are wanted. A store in memory, whose bodies are nowhere else,
/// keeps them all. Guarded by the store's lock, which a reader who misses takes.
/// </summary>
/// <param name="gate">The store's lock.</param>
/// <param name="budgetBytes">How much to keep; null for everything.</param>
internal sealed class BodyCache(Lock gate, long? budgetBytes)
{
    /// <summary>Enough for what a pipeline works on at one time.</summary>
    public const long DefaultBytes = 128 * 1024 * 1024;

    private readonly Dictionary<long, byte[]> _bodies = [];
    private readonly Queue<long> _kept = new();
    private long _bytes;
    private long _last;

    /// <summary>The journal to read from; null in memory, and while it is replayed.</summary>
    public Journal.Journal? Journal { get; set; }

    /// <summary>Counts the compactions, each of which moves bodies.</summary>
    public int Generation { get; private set; }

    public byte[]? Find(long body) => _bodies.GetValueOrDefault(body);

    /// <summary>
    /// Takes in the body of a document that is written; the oldest ones leave. Versions that were replaced in the meantime
    /// wait for their turn as well, since to find them would cost more than they do.
    /// </summary>
    public void Add(StoredDocument document)
    {
        if (budgetBytes is null)
        {
            document.Body = ++_last;
            _bodies.Add(_last, document.Json);
        }
        else
        {
            Keep(document.Body, document.Json);
        }
    }

    /// <summary>The document is gone.</summary>
    public void Remove(long body)
    {
        if (budgetBytes is null)
            _bodies.Remove(body);
    }

    /// <summary>All bodies are elsewhere.</summary>
    public void Moved()
    {
        Generation++;
        _bodies.Clear();
        _kept.Clear();
        _bytes = 0;
    }

    /// <exception cref="CosmosFailure">503: the journal cannot be read, or no longer has this version of the document.</exception>
    public byte[] Load(StoredDocument document)
    {
        // A compaction moves bodies, so both place and file are read under the lock.
        lock (gate)
        {
            if (document.Generation != Generation)
                return LoadMoved(document);
            if (Find(document.Body) is { } kept)
                return kept;
            var json = Read(document);
            Keep(document.Body, json);
            return json;
        }
    }

    /// <summary>The same without keeping it: for what goes through all documents.</summary>
    /// <inheritdoc cref="Load"/>
    public byte[] Read(StoredDocument document)
    {
        var json = GC.AllocateUninitializedArray<byte>(document.JsonLength);
        try
        {
            Journal!.Read(document.Body, json);
            return json;
        }
        catch (IOException e)
        {
            throw new CosmosFailure(503, "The journal could not be read.", cause: e);
        }
    }

    private static byte[] LoadMoved(StoredDocument document)
    {
        var partition = document.Partition;
        return partition.Container.Index.Find(partition, document.Id) is { } current && current.IsSameVersion(document)
            ? current.Json
            : throw new CosmosFailure(503, $"Item '{document.Id}' was replaced, and its former version is gone. Ask again.");
    }

    private void Keep(long body, byte[] json)
    {
        if (!_bodies.TryAdd(body, json))
            return;
        _kept.Enqueue(body);
        _bytes += json.Length;
        while (_bytes > budgetBytes && _kept.TryDequeue(out var oldest))
        {
            _bodies.Remove(oldest, out var dropped);
            _bytes -= dropped!.Length;
        }
    }
}

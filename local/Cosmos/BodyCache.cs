namespace Pipeline.Local.Cosmos;

/// <summary>
/// Keeps the bodies of the documents that were written or read last in memory, up to a budget. All others are in the
/// journal, each at a known place, and read back when they are wanted: memory goes with the number of documents, not with
/// their size. Guarded by the store's lock, which a reader who misses takes.
/// </summary>
/// <param name="gate">The store's lock.</param>
/// <param name="budgetBytes">How much to keep.</param>
internal sealed class BodyCache(Lock gate, long budgetBytes)
{
    /// <summary>Enough for what a pipeline works on at one time.</summary>
    public const long DefaultBytes = 128 * 1024 * 1024;

    private readonly Queue<StoredDocument> _kept = new();

    /// <summary>The journal to read from; null in memory, where bodies are nowhere else, and while it is replayed.</summary>
    public Journal.Journal? Journal { get; set; }

    public long Bytes { get; private set; }

    /// <summary>
    /// Counts a body that has come into memory; the oldest ones leave. Versions that were replaced in the meantime wait
    /// for their turn as well, since to find them would cost more than they do.
    /// </summary>
    public void Add(StoredDocument document)
    {
        if (document.BodyOffset < 0)
            return;
        _kept.Enqueue(document);
        Bytes += document.JsonLength;
        while (Bytes > budgetBytes && _kept.TryDequeue(out var oldest))
        {
            oldest.ForgetJson();
            Bytes -= oldest.JsonLength;
        }
    }

    /// <exception cref="CosmosFailure">503: the journal cannot be read.</exception>
    public byte[] Load(StoredDocument document)
    {
        lock (gate)
        {
            // A compaction moves bodies, so both place and file are read under the lock.
            var json = GC.AllocateUninitializedArray<byte>(document.JsonLength);
            try
            {
                Journal!.Read(document.BodyOffset, json);
            }
            catch (IOException e)
            {
                throw new CosmosFailure(503, $"The journal could not be read: {e.Message}");
            }

            document.KeepJson(json);
            Add(document);
            return json;
        }
    }
}

namespace Pipeline.Local.Cosmos;

/// <summary>
/// The records of the store's journal: one per change of a database or container, and one per transaction. A record is
/// read back in the order of writing and makes the same state again, LSNs, etags and rids included.
/// </summary>
internal sealed class StoreJournal : IDisposable
{
    internal const byte DatabaseRecord = 1;
    internal const byte DatabaseDroppedRecord = 2;
    internal const byte ContainerRecord = 3;
    internal const byte ContainerDroppedRecord = 4;
    internal const byte TransactionRecord = 5;
    internal const byte CountersRecord = 6;
    internal const byte ExpiredRecord = 7;
    internal const byte StrictRecord = 8;
    internal const char PathSeparator = '\n';
    private const byte PutChange = 1;
    internal const byte DeleteChange = 2;

    private readonly Journal.Journal _journal;
    private readonly MemoryStream _buffer = new();
    private readonly BinaryWriter _writer;

    /// <summary>The documents in the record being written, with the places of their bodies in it.</summary>
    private readonly List<(StoredDocument Document, long Position)> _bodies = [];

    public StoreJournal(Journal.Journal journal, BodyCache bodies, bool isDurable)
    {
        _journal = journal;
        bodies.Journal = isDurable ? journal : null;
        IsDurable = isDurable;
        _writer = new BinaryWriter(_buffer);
    }

    /// <summary>False for a store in memory, which need not encode what nobody reads.</summary>
    public bool IsDurable { get; }

    public long LengthBytes => _journal.LengthBytes;

    public void FailNextAppend() => _journal.FailNextAppendAfterBytes = 1;

    public void AppendDatabase(StoredDatabase database) => Append(() => WriteDatabase(database));

    public void AppendDatabaseDropped(StoredDatabase database) => Append(() =>
    {
        _writer.Write(DatabaseDroppedRecord);
        _writer.Write(database.Number);
    });

    public void AppendContainer(StoredContainer container, int? defaultTimeToLiveSeconds) =>
        Append(() => WriteContainer(container, defaultTimeToLiveSeconds));

    /// <summary>What has expired is gone for good, whatever the time to live will be.</summary>
    public void AppendExpired(StoredContainer container, long nowSeconds) => Append(() =>
    {
        _writer.Write(ExpiredRecord);
        WriteContainerNumber(container);
        _writer.Write(nowSeconds);
    });

    /// <summary>What comes from here on is checked by <see cref="StrictJson"/>, and what came before has been repaired.</summary>
    public void AppendStrict() => Append(() => _writer.Write(StrictRecord));

    public void AppendContainerDropped(StoredContainer container) => Append(() =>
    {
        _writer.Write(ContainerDroppedRecord);
        WriteContainerNumber(container);
    });

    /// <summary>Begins the record of a transaction; changes are added with the other methods, then <see cref="Commit"/>.</summary>
    public void BeginTransaction(Partition partition, long lsn, long timestampSeconds, int changes)
    {
        Clear();
        _writer.Write(TransactionRecord);
        WriteContainerNumber(partition.Container);
        _writer.Write(lsn);
        _writer.Write(timestampSeconds);
        _writer.Write(partition.KeyBytes);
        _writer.Write(changes);
    }

    public void AddPut(StoredDocument document) => AddPut(document, document.Json);

    private void AddPut(StoredDocument document, byte[] json)
    {
        _writer.Write(PutChange);
        _writer.Write(document.Rid);
        _writer.Write(document.Ordinal);
        _writer.Write(document.ContentLength);
        _writer.Write(document.JsonLength);
        _writer.Flush();
        _bodies.Add((document, _buffer.Position));
        _writer.Write(json);
    }

    public void AddDelete(string id)
    {
        _writer.Write(DeleteChange);
        _writer.Write(id);
    }

    public void Commit()
    {
        _writer.Flush();
        var start = _journal.LengthBytes + Journal.Journal.HeaderBytes;
        _journal.Append(_buffer.GetBuffer().AsSpan(0, (int)_buffer.Length));
        foreach (var (document, position) in _bodies)
            document.Body = start + position;
    }

    /// <summary>Replaces the journal by the live state.</summary>
    /// <exception cref="IOException">It cannot be written; the journal is as it was.</exception>
    public void Rewrite(StoreState state)
    {
        try
        {
            _journal.Rewrite(NotingBodies(LiveRecords(state), state.Index));
            state.Index.ApplyMoves();
        }
        finally
        {
            state.Index.ForgetMoves();
        }
    }

    public void Dispose() => _journal.Dispose();

    private void Append(Action write)
    {
        Clear();
        write();
        Commit();
    }

    private void Clear()
    {
        _buffer.SetLength(0);
        _bodies.Clear();
    }

    /// <summary>Until the new file is in place, bodies are still read from the old one.</summary>
    private IEnumerable<ReadOnlyMemory<byte>> NotingBodies(IEnumerable<ReadOnlyMemory<byte>> records, DocumentIndex index)
    {
        long start = Journal.Journal.HeaderBytes;
        foreach (var record in records)
        {
            foreach (var (document, position) in _bodies)
                index.Move(document, start + position);
            yield return record;
            start += record.Length + Journal.Journal.HeaderBytes;
        }
    }

    private void WriteDatabase(StoredDatabase database)
    {
        _writer.Write(DatabaseRecord);
        _writer.Write(database.Number);
        _writer.Write(database.Name);
        _writer.Write(database.TimestampSeconds);
        _writer.Write(database.LastContainer);
    }

    private void WriteContainer(StoredContainer container, int? defaultTimeToLiveSeconds)
    {
        _writer.Write(ContainerRecord);
        WriteContainerNumber(container);
        _writer.Write(container.Name);
        _writer.Write(string.Join(PathSeparator, container.Definition.PartitionKeyPaths));
        _writer.Write(defaultTimeToLiveSeconds ?? 0);
        _writer.Write(container.TimestampSeconds);
        _writer.Write(container.Lsn);
        _writer.Write(container.LastDocument);
        _writer.Write(container.Definition.PhysicalPartitions);
        _writer.Write(container.Definition.UniqueKeys.Length);
        foreach (var paths in container.Definition.UniqueKeys)
            _writer.Write(string.Join(PathSeparator, paths));
    }

    private void WriteContainerNumber(StoredContainer container)
    {
        _writer.Write(container.Database.Number);
        _writer.Write(container.Number);
    }

    private IEnumerable<ReadOnlyMemory<byte>> LiveRecords(StoreState state)
    {
        Clear();
        _writer.Write(CountersRecord);
        _writer.Write(state.LastDatabase);
        _writer.Write(state.LastTimestampSeconds);
        yield return Written();
        if (state.IsStrict)
        {
            Clear();
            _writer.Write(StrictRecord);
            yield return Written();
        }

        foreach (var database in state.Databases.Values)
        {
            Clear();
            WriteDatabase(database);
            yield return Written();
            foreach (var container in database.Containers.Values)
            {
                Clear();
                WriteContainer(container, container.DefaultTimeToLiveSeconds);
                yield return Written();
                // A transaction writes one partition, so neighbours in the feed with one LSN share the partition key.
                foreach (var transaction in state.Index.Changes(container, after: -1).GroupAdjacent(document => document.Lsn))
                {
                    BeginTransaction(transaction[0].Partition, transaction[0].Lsn, transaction[0].TimestampSeconds, transaction.Count);
                    foreach (var document in transaction)
                        AddPut(document, document.KeptJson ?? state.Index.Bodies.Read(document));
                    yield return Written();
                }
            }
        }
    }

    private ReadOnlyMemory<byte> Written()
    {
        _writer.Flush();
        return _buffer.GetBuffer().AsMemory(0, (int)_buffer.Length);
    }
}

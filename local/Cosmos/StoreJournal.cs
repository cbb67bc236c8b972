using Microsoft.Extensions.Logging;

namespace Pipeline.Local.Cosmos;

/// <summary>
/// The records of the store's journal: one per change of a database or container, and one per transaction. A record is
/// read back in the order of writing and makes the same state again, LSNs, etags and rids included.
/// </summary>
internal sealed class StoreJournal : IDisposable
{
    private const byte DatabaseRecord = 1;
    private const byte DatabaseDroppedRecord = 2;
    private const byte ContainerRecord = 3;
    private const byte ContainerDroppedRecord = 4;
    private const byte TransactionRecord = 5;
    private const byte CountersRecord = 6;
    private const byte PutChange = 1;
    private const byte DeleteChange = 2;

    private readonly Journal.Journal _journal;
    private readonly MemoryStream _buffer = new();
    private readonly BinaryWriter _writer;

    private StoreJournal(Journal.Journal journal, bool isDurable)
    {
        _journal = journal;
        IsDurable = isDurable;
        _writer = new BinaryWriter(_buffer);
    }

    /// <summary>False for a store in memory, which need not encode what nobody reads.</summary>
    public bool IsDurable { get; }

    public long LengthBytes => _journal.LengthBytes;

    public static StoreJournal Open(string? path, StoreState state, ILogger log) =>
        new(Journal.Journal.Open(path, record => Replay(record, state), log), isDurable: path is not null);

    public void AppendDatabase(StoredDatabase database) => Append(() => WriteDatabase(database));

    public void AppendDatabaseDropped(StoredDatabase database) => Append(() =>
    {
        _writer.Write(DatabaseDroppedRecord);
        _writer.Write(database.Number);
    });

    public void AppendContainer(StoredContainer container, int? defaultTimeToLiveSeconds) =>
        Append(() => WriteContainer(container, defaultTimeToLiveSeconds));

    public void AppendContainerDropped(StoredContainer container) => Append(() =>
    {
        _writer.Write(ContainerDroppedRecord);
        WriteContainerNumber(container);
    });

    /// <summary>Begins the record of a transaction; changes are added with the other methods, then <see cref="Commit"/>.</summary>
    public void BeginTransaction(StoredContainer container, PartitionKeyValue partitionKey, long lsn, long timestampSeconds, int changes)
    {
        Clear();
        _writer.Write(TransactionRecord);
        WriteContainerNumber(container);
        _writer.Write(lsn);
        _writer.Write(timestampSeconds);
        partitionKey.Write(_writer);
        _writer.Write(changes);
    }

    public void AddPut(StoredDocument document)
    {
        _writer.Write(PutChange);
        _writer.Write(document.Rid);
        _writer.Write(document.Ordinal);
        _writer.Write(document.ContentLength);
        _writer.Write(document.Json.Length);
        _writer.Write(document.Json);
    }

    public void AddDelete(string id)
    {
        _writer.Write(DeleteChange);
        _writer.Write(id);
    }

    public void Commit()
    {
        _writer.Flush();
        _journal.Append(_buffer.GetBuffer().AsSpan(0, (int)_buffer.Length));
    }

    /// <summary>Replaces the journal by the live state.</summary>
    public void Rewrite(StoreState state) => _journal.Rewrite(LiveRecords(state));

    public void Dispose() => _journal.Dispose();

    private void Append(Action write)
    {
        Clear();
        write();
        Commit();
    }

    private void Clear() => _buffer.SetLength(0);

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
        _writer.Write(container.PartitionKeyPath);
        _writer.Write(defaultTimeToLiveSeconds ?? 0);
        _writer.Write(container.TimestampSeconds);
        _writer.Write(container.Lsn);
        _writer.Write(container.LastDocument);
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
                foreach (var transaction in container.Feed.All().GroupAdjacent(document => document.Lsn))
                {
                    BeginTransaction(
                        container, transaction[0].Partition.Key, transaction[0].Lsn, transaction[0].TimestampSeconds, transaction.Count);
                    transaction.ForEach(AddPut);
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

    private static void Replay(ReadOnlyMemory<byte> record, StoreState state)
    {
        using var input = new BinaryReader(new MemoryStream(record.ToArray(), writable: false));
        switch (input.ReadByte())
        {
            case DatabaseRecord:
                state.AddDatabase(new StoredDatabase(number: input.ReadUInt32(), name: input.ReadString(), timestampSeconds: input.ReadInt64())
                {
                    LastContainer = input.ReadUInt32(),
                });
                break;
            case DatabaseDroppedRecord:
                state.DropDatabase(state.DatabaseByNumber(input.ReadUInt32()));
                break;
            case ContainerRecord:
                ReplayContainer(input, state);
                break;
            case ContainerDroppedRecord:
                StoreState.DropContainer(state.ContainerByNumber(input.ReadUInt32(), input.ReadUInt32()));
                break;
            case TransactionRecord:
                ReplayTransaction(input, state);
                break;
            case CountersRecord:
                state.LastDatabase = input.ReadUInt32();
                state.LastTimestampSeconds = input.ReadInt64();
                break;
            case var unknown:
                throw new InvalidDataException($"Record type {unknown} is unknown: the journal was written by another version.");
        }
    }

    private static void ReplayContainer(BinaryReader input, StoreState state)
    {
        var database = state.DatabaseByNumber(input.ReadUInt32());
        var number = input.ReadUInt32();
        var name = input.ReadString();
        var path = input.ReadString();
        var timeToLive = input.ReadInt32();
        if (!database.Containers.TryGetValue(name, out var container))
        {
            container = new StoredContainer(database, name, number, path, input.ReadInt64())
            {
                Lsn = input.ReadInt64(),
                LastDocument = input.ReadUInt64(),
            };
            StoreState.AddContainer(container);
        }

        container.SetDefaultTimeToLive(timeToLive == 0 ? null : timeToLive);
    }

    private static void ReplayTransaction(BinaryReader input, StoreState state)
    {
        var container = state.ContainerByNumber(input.ReadUInt32(), input.ReadUInt32());
        var lsn = input.ReadInt64();
        var timestampSeconds = input.ReadInt64();
        var partition = container.PartitionFor(PartitionKeyValue.Read(input));
        for (var changes = input.ReadInt32(); changes > 0; changes--)
        {
            if (input.ReadByte() == DeleteChange)
            {
                if (partition.Documents.Find(input.ReadString()) is { } old)
                    container.Remove(old);
                continue;
            }

            var rid = input.ReadUInt64();
            var ordinal = input.ReadUInt16();
            var contentLength = input.ReadInt32();
            var json = input.ReadBytes(input.ReadInt32());
            var content = ItemContent.Parse(json, container.PartitionKeyUtf8);
            container.Put(new StoredDocument
            {
                Id = content.Id,
                Partition = partition,
                Json = json,
                ContentLength = contentLength,
                Rid = rid,
                Lsn = lsn,
                Ordinal = ordinal,
                TimestampSeconds = timestampSeconds,
                Kind = content.Kind,
                TimeToLiveSeconds = content.TimeToLiveSeconds,
            });
        }

        container.Lsn = Math.Max(container.Lsn, lsn);
        state.LastTimestampSeconds = Math.Max(state.LastTimestampSeconds, timestampSeconds);
    }
}

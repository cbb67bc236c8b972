using System.Runtime.InteropServices;

namespace Pipeline.Local.Cosmos;

/// <summary>Reads back what <see cref="StoreJournal"/> writes.</summary>
internal static class JournalReplay
{
    /// <param name="record">The payload of a record.</param>
    /// <param name="offset">Where it is in the journal.</param>
    /// <param name="state">What the records before it made.</param>
    public static void Apply(ReadOnlyMemory<byte> record, long offset, StoreState state)
    {
        using var input = new BinaryReader(AsStream(record));
        switch (input.ReadByte())
        {
            case StoreJournal.DatabaseRecord:
                state.AddDatabase(new StoredDatabase(number: input.ReadUInt32(), name: input.ReadString(), timestampSeconds: input.ReadInt64(), index: state.Index)
                {
                    LastContainer = input.ReadUInt32(),
                });
                break;
            case StoreJournal.DatabaseDroppedRecord:
                state.DropDatabase(state.DatabaseByNumber(input.ReadUInt32()));
                break;
            case StoreJournal.ContainerRecord:
                ReplayContainer(input, state);
                break;
            case StoreJournal.ContainerDroppedRecord:
                StoreState.DropContainer(state.ContainerByNumber(input.ReadUInt32(), input.ReadUInt32()));
                break;
            case StoreJournal.TransactionRecord:
                ReplayTransaction(input, offset, state);
                break;
            case StoreJournal.ExpiredRecord:
                state.ContainerByNumber(input.ReadUInt32(), input.ReadUInt32()).PurgeAll(input.ReadInt64());
                break;
            case StoreJournal.StrictRecord:
                state.IsStrict = true;
                break;
            case StoreJournal.CountersRecord:
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
            var (timestampSeconds, lsn, lastDocument) = (input.ReadInt64(), input.ReadInt64(), input.ReadUInt64());
            container = new StoredContainer(database, name, number, ReadDefinition(input, path), timestampSeconds)
            {
                Lsn = lsn,
                LastDocument = lastDocument,
            };
            StoreState.AddContainer(container);
        }

        container.SetDefaultTimeToLive(timeToLive == 0 ? null : timeToLive);
    }

    private static ContainerDefinition ReadDefinition(BinaryReader input, string partitionKeyPaths)
    {
        var paths = partitionKeyPaths.Split(StoreJournal.PathSeparator);
        // Records of earlier versions end here.
        if (input.BaseStream.Position == input.BaseStream.Length)
            return new(paths);
        var physicalPartitions = input.ReadInt32();
        var unique = new string[input.ReadInt32()][];
        for (var i = 0; i < unique.Length; i++)
            unique[i] = input.ReadString().Split(StoreJournal.PathSeparator);
        return new(paths, unique, physicalPartitions);
    }

    private static void ReplayTransaction(BinaryReader input, long offset, StoreState state)
    {
        var container = state.ContainerByNumber(input.ReadUInt32(), input.ReadUInt32());
        var lsn = input.ReadInt64();
        var timestampSeconds = input.ReadInt64();
        var partition = new Partition(container, PartitionKeyValue.Read(input, container.Definition.PartitionKeyPaths.Length));
        for (var changes = input.ReadInt32(); changes > 0; changes--)
        {
            if (input.ReadByte() == StoreJournal.DeleteChange)
            {
                container.Remove(partition, input.ReadString());
                continue;
            }

            var rid = input.ReadUInt64();
            var ordinal = input.ReadUInt16();
            var contentLength = input.ReadInt32();
            var length = input.ReadInt32();
            var bodyOffset = offset + input.BaseStream.Position;
            var json = input.ReadBytes(length);
            var content = ItemContent.ParseStored(json, container.Definition);
            if (!state.IsStrict && StrictJson.WhyNot(json) is not null)
                state.Unreadable.Add((partition, content.Id));
            container.Put(new StoredDocument
            {
                Id = content.Id,
                Partition = partition,
                KeptJson = json,
                JsonLength = length,
                Body = bodyOffset,
                ContentLength = contentLength,
                Rid = rid,
                Lsn = lsn,
                Ordinal = ordinal,
                TimestampSeconds = timestampSeconds,
                Kind = content.Kind,
                UniqueValues = content.UniqueValues,
                TimeToLiveSeconds = content.TimeToLiveSeconds,
            });
        }

        container.Lsn = Math.Max(container.Lsn, lsn);
        state.LastTimestampSeconds = Math.Max(state.LastTimestampSeconds, timestampSeconds);
    }

    private static MemoryStream AsStream(ReadOnlyMemory<byte> record) => MemoryMarshal.TryGetArray(record, out var array)
        ? new(array.Array!, array.Offset, array.Count, writable: false)
        : new(record.ToArray(), writable: false);
}

using System.Text.Json;

namespace Pipeline.Storage;

/// <summary>How partitions are read and conflicts are judged, in both implementations of the store.</summary>
internal static class PartitionReading
{
    /// <summary>Reads one record; <see langword="null"/> if it does not exist.</summary>
    public delegate Task<JsonDocument?> ReadRecord(Partition partition, string id, CancellationToken cancellationToken);

    /// <inheritdoc cref="IPartitionStore.ReadAsync"/>
    public static async Task<PartitionRead> ReadAsync(
        string container, ReadRecord readRecord, Partition partition, Func<PartitionHead, IEnumerable<string>> more, CancellationToken cancellationToken)
    {
        while (true)
        {
            var read = new PartitionRead(container, partition);
            using (var head = await readRecord(partition, Ids.Head, cancellationToken))
            {
                if (head is not null)
                    read.Head = PartitionHead.Parse(container, partition, head);
            }

            await AddItemsAsync(read, readRecord, partition, more(read.Head), cancellationToken);
            if (read.Head.ETag is not null || read.Count == 0)
                return read;

            // Records without a head: the first commit came in between, or the head is lost.
            var orphan = read.Records[0].GetProperty("id"u8).GetString();
            read.Dispose();
            using (var head = await readRecord(partition, Ids.Head, cancellationToken))
            {
                if (head is null)
                    throw new DamagedPartitionException(container, partition, $"its head is missing, but '{orphan}' is there", canBeRecorded: false);
            }
        }
    }

    /// <inheritdoc cref="IPartitionStore.ReadItemsAsync"/>
    public static async Task<PartitionRead> ReadItemsAsync(
        string container, ReadRecord readRecord, Partition partition, IEnumerable<string> ids, CancellationToken cancellationToken)
    {
        var read = new PartitionRead(container, partition);
        await AddItemsAsync(read, readRecord, partition, ids, cancellationToken);
        return read;
    }

    /// <summary>
    /// A unit of work met a record that exists. If the head is still the one that it was decided on, no other commit wrote that record: it
    /// stands where the head says that there is none.
    /// </summary>
    public static async Task ThrowIfDamagedAsync(string container, ReadRecord readRecord, UnitOfWork work, CancellationToken cancellationToken)
    {
        if (work.Conflict is not { Kind: RecordOperationKind.Create, OnConflict: CommitOutcome.Moved } conflict || conflict.Id == Ids.Head
            || work.Operations.Where(o => o.Id == Ids.Head).Select(o => (RecordOperation?)o).FirstOrDefault() is not { } written)
            return;
        using var head = await readRecord(work.Partition, Ids.Head, cancellationToken);
        if (ETagOf(head) == written.ETag)
        {
            throw new DamagedPartitionException(
                container, work.Partition, $"'{conflict.Id}' is there, though its head says that nothing is there yet", canBeRecorded: head is not null);
        }
    }

    public static string? ETagOf(JsonDocument? record) => record?.RootElement.GetProperty("_etag"u8).GetString();

    private static async Task AddItemsAsync(
        PartitionRead read, ReadRecord readRecord, Partition partition, IEnumerable<string> ids, CancellationToken cancellationToken)
    {
        var items = await Task.WhenAll(ids.Distinct(StringComparer.Ordinal).Select(id => readRecord(partition, id, cancellationToken)));
        foreach (var item in items)
        {
            if (item is not null)
                read.AddItem(item);
        }
    }
}

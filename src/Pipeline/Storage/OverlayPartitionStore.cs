using System.Text.Json;
using System.Text.Json.Nodes;

namespace Pipeline.Storage;

/// <summary>
/// A container with all writes kept in memory, over one that is read and never written: what a dry run makes of the partitions that it
/// visits. Lives as long as the dry run.
/// </summary>
internal sealed class OverlayPartitionStore : IPartitionStore
{
    private readonly CosmosPartitionStore _stored;
    private readonly Lock _gate = new();
    private readonly Dictionary<(Partition Partition, string Id), byte[]?> _records;
    private readonly List<UnitOfWork> _commits = [];
    private int _etag;

    public OverlayPartitionStore(CosmosPartitionStore stored)
        : this(stored, [], 0)
    {
    }

    private OverlayPartitionStore(CosmosPartitionStore stored, Dictionary<(Partition Partition, string Id), byte[]?> records, int etag) =>
        (_stored, _records, _etag) = (stored, records, etag);

    public string Name => _stored.Name;

    /// <summary>The units of work so far, oldest first.</summary>
    public IReadOnlyList<UnitOfWork> Commits => _commits;

    /// <summary>The same records as they are now; later writes do not appear in it.</summary>
    public OverlayPartitionStore Copy()
    {
        lock (_gate)
            return new OverlayPartitionStore(_stored, new(_records), _etag);
    }

    public Task<PartitionRead> ReadAsync(Partition partition, Func<PartitionHead, IEnumerable<string>> more, CancellationToken cancellationToken) =>
        PartitionReading.ReadAsync(Name, ReadRecordAsync, partition, more, cancellationToken);

    public Task<PartitionRead> ReadItemsAsync(Partition partition, IEnumerable<string> ids, CancellationToken cancellationToken) =>
        PartitionReading.ReadItemsAsync(Name, ReadRecordAsync, partition, ids, cancellationToken);

    /// <summary>As a transactional batch: the first operation that conflicts decides the outcome, and nothing is written.</summary>
    public async Task<CommitOutcome> CommitAsync(UnitOfWork work, CancellationToken cancellationToken)
    {
        work.Seal();
        foreach (var operation in work.Operations)
        {
            using var current = await ReadRecordAsync(work.Partition, operation.Id, cancellationToken);
            var isConflict = operation.Kind switch
            {
                RecordOperationKind.Create => current is not null,
                RecordOperationKind.Replace or RecordOperationKind.Delete =>
                    PartitionReading.ETagOf(current) is not { } etag || (operation.ETag is { } expected && etag != expected),
                _ => false,
            };
            if (!isConflict)
                continue;
            work.Conflict = operation;
            if (operation.OnConflict == CommitOutcome.Moved)
                await PartitionReading.ThrowIfDamagedAsync(Name, ReadRecordAsync, work, cancellationToken);
            return operation.OnConflict;
        }

        Apply(work);
        return CommitOutcome.Committed;
    }

    /// <summary>Merges the stored dead letters with those that were created or closed in memory, which the query does not see.</summary>
    public async Task<BlockingPosition?> FirstOpenDeadLetterAsync(Partition partition, ConsumerName consumer, DeadLetterId except, CancellationToken cancellationToken)
    {
        var changed = IdsOf(partition).Where(Ids.IsDeadLetter).ToHashSet(StringComparer.Ordinal);
        var stored = await _stored.OpenDeadLettersAsync(partition, consumer, except, 1 + changed.Count, cancellationToken);
        var open = stored.Where(e => !changed.Contains(e.Id.Value)).ToList();
        using var read = await ReadItemsAsync(partition, changed.Where(id => id != except.Value), cancellationToken);
        open.AddRange(read.Records
            .Where(r => r.GetProperty("open"u8).GetBoolean() && r.GetProperty("inOrder"u8).GetBoolean() && r.GetProperty("consumer"u8).ValueEquals(consumer.Value))
            .Select(r => new BlockingPosition(new DeadLetterId(r.GetProperty("id"u8).GetString()!), r.GetProperty("place"u8).GetString()!)));
        return open.Count == 0 ? null : open.MinBy(e => e.Position, StringComparer.Ordinal);
    }

    /// <summary>Diagnostics are not kept: a dry run leaves nothing behind.</summary>
    public Task IncrementAsync(Partition partition, string id, string path, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Diagnostics are not kept: a dry run leaves nothing behind.</summary>
    public Task NoteAsync(HandlingProblem problem, CancellationToken cancellationToken) => Task.CompletedTask;

    private Task<JsonDocument?> ReadRecordAsync(Partition partition, string id, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_records.TryGetValue((partition, id), out var bytes))
                return Task.FromResult(bytes is null ? null : JsonDocument.Parse(bytes));
        }

        return _stored.ReadRecordAsync(partition, id, cancellationToken);
    }

    private List<string> IdsOf(Partition partition)
    {
        lock (_gate)
            return [.. _records.Keys.Where(k => k.Partition == partition).Select(k => k.Id)];
    }

    private void Apply(UnitOfWork work)
    {
        lock (_gate)
        {
            foreach (var operation in work.Operations)
                _records[(work.Partition, operation.Id)] = operation.Kind == RecordOperationKind.Delete ? null : WithETag(operation.Body);
            _commits.Add(work);
        }
    }

    private byte[] WithETag(byte[] record)
    {
        var document = JsonNode.Parse(record)!.AsObject();
        document["_etag"] = string.Create(CultureInfo.InvariantCulture, $"\"dry-{++_etag}\"");
        return JsonSerializer.SerializeToUtf8Bytes(document);
    }
}

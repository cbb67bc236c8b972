using System.Text.Json;
using System.Text.Json.Nodes;

namespace Pipeline.Storage;

/// <summary>
/// Records written in memory only, over a store that is read and never written: what a dry run makes of the partitions
/// that it visits. Lives as long as the dry run.
/// </summary>
internal sealed class DryRunOverlay
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(string Partition, string Id), byte[]?> _records;
    private readonly List<UnitOfWork> _commits = [];
    private int _etag;

    public DryRunOverlay()
        : this([], 0)
    {
    }

    private DryRunOverlay(Dictionary<(string Partition, string Id), byte[]?> records, int etag) => (_records, _etag) = (records, etag);

    /// <summary>The commits so far, oldest first.</summary>
    public IReadOnlyList<UnitOfWork> Commits => _commits;

    /// <summary>The same records as they are now; what is written from now on is not seen in it.</summary>
    public DryRunOverlay Copy()
    {
        lock (_gate)
            return new DryRunOverlay(new(_records), _etag);
    }

    /// <summary>Looks for a record. True if it was written here; <paramref name="record"/> is <see langword="null"/> if it was deleted.</summary>
    public bool TryRead(string partition, string id, out JsonDocument? record)
    {
        lock (_gate)
        {
            var isHere = _records.TryGetValue((partition, id), out var bytes);
            record = bytes is null ? null : JsonDocument.Parse(bytes);
            return isHere;
        }
    }

    /// <summary>The ids of a partition's records that were written here.</summary>
    public IReadOnlyList<string> IdsOf(string partition)
    {
        lock (_gate)
            return [.. _records.Keys.Where(k => k.Partition == partition).Select(k => k.Id)];
    }

    public void Apply(UnitOfWork commit)
    {
        lock (_gate)
        {
            foreach (var operation in commit.Operations)
                Put(commit.Partition, operation.Id, operation.Kind == UnitOfWork.OperationKind.Delete ? null : operation.Body);
            _commits.Add(commit);
        }
    }

    /// <summary>Writes one record, or deletes it.</summary>
    public void Put(string partition, string id, byte[]? record)
    {
        lock (_gate)
        {
            if (record is not null)
            {
                var document = JsonNode.Parse(record)!.AsObject();
                document["_etag"] = string.Create(CultureInfo.InvariantCulture, $"\"dry-{++_etag}\"");
                record = JsonSerializer.SerializeToUtf8Bytes(document);
            }

            _records[(partition, id)] = record;
        }
    }
}

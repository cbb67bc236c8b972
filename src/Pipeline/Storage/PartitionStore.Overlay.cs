using System.Net;
using System.Text.Json;

namespace Pipeline.Storage;

/// <content>The same store with an overlay: reads go through to Cosmos DB, writes stay in memory, under the same rules.</content>
public sealed partial class PartitionStore
{
    private readonly DryRunOverlay? _overlay;

    private PartitionStore(PartitionStore stored, DryRunOverlay overlay)
    {
        _container = stored._container;
        _backoff = stored._backoff;
        _clock = stored._clock;
        _overlay = overlay;
        Stored = stored;
    }

    /// <summary>Whether what is written here stays in memory.</summary>
    internal bool IsOverlaid => _overlay is not null;

    /// <summary>The store without its overlay; itself where there is none.</summary>
    internal PartitionStore Stored => field ?? this;

    /// <summary>This store with an overlay: nothing that is done with it writes to Cosmos DB.</summary>
    internal PartitionStore Over(DryRunOverlay overlay) => new(Stored, overlay);

    /// <summary>Ids of records whose stored version is not what this store shows. Queries see stored versions only: whoever asks <see cref="Stored"/> passes these over.</summary>
    internal IReadOnlyList<string> OverlaidIdsOf(string partition) => _overlay?.IdsOf(partition) ?? [];

    /// <summary>As a transactional batch: the first operation that conflicts says how the commit ended, and nothing is written.</summary>
    private async Task<CommitOutcome> WriteOverAsync(DryRunOverlay overlay, UnitOfWork commit, CancellationToken cancellationToken)
    {
        foreach (var operation in commit.Operations)
        {
            using var current = await ReadItemAsync(commit.Partition, operation.Id, cancellationToken);
            var conflicts = operation.Kind switch
            {
                UnitOfWork.OperationKind.Create => current is not null,
                UnitOfWork.OperationKind.Replace or UnitOfWork.OperationKind.Delete => ETagOf(current) is not { } etag || (operation.ETag is { } expected && etag != expected),
                _ => false,
            };
            if (conflicts)
                return (commit.Conflict = operation).Value.OnConflict;
        }

        overlay.Apply(commit);
        return CommitOutcome.Committed;
    }

    private async Task<HttpStatusCode> ReplaceOverAsync(
        DryRunOverlay overlay, string partition, string id, string etag, byte[] record, CancellationToken cancellationToken)
    {
        using var current = await ReadItemAsync(partition, id, cancellationToken);
        if (ETagOf(current) is not { } now)
            return HttpStatusCode.NotFound;
        if (now != etag)
            return HttpStatusCode.PreconditionFailed;
        overlay.Put(partition, id, record);
        return HttpStatusCode.OK;
    }

    private void ThrowIfOverlaid(string what)
    {
        if (IsOverlaid)
            throw new InvalidOperationException($"A {what} sees nothing of the records that a dry run holds in memory; ask for records by id.");
    }

    private static string? ETagOf(JsonDocument? record) => record?.RootElement.GetProperty("_etag"u8).GetString();
}

using System.Text.Json;
using Microsoft.Azure.Cosmos;

namespace Pipeline.Storage;

/// <content>Damage, told from an outage; and what keeps consumers from handling, noted where it is met.</content>
public sealed partial class PartitionStore
{
    private const int MaxNoteLength = 500;

    private static readonly TimeSpan NotePatience = TimeSpan.FromSeconds(5);

    /// <summary>Notes in the partition that it is damaged, if that can be written; whoever lists what is blocked finds it.</summary>
    internal Task NoteDamageAsync(DamagedPartitionException damage, string consumer, DateTimeOffset now, CancellationToken cancellationToken) =>
        NoteAsync(RecordKinds.Damage, damage.Partition, consumer, damage.What, now, cancellationToken);

    /// <summary>Notes in the partition why a consumer gave a message back, if that can be written.</summary>
    internal Task NoteGivenBackAsync(string partition, string consumer, Exception why, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var what = $"{why.GetType().Name}: {why.Message.ReplaceLineEndings(" ")}";
        return NoteAsync(RecordKinds.GivenBack, partition, consumer, what.Length <= MaxNoteLength ? what : what[..MaxNoteLength], now, cancellationToken);
    }

    private async Task NoteAsync(string kind, string partition, string consumer, string what, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (IsOverlaid)
            return;

        // One attempt, and not for long: a session is held meanwhile, and what cannot be noted now is met again.
        using var patience = new CancellationTokenSource(NotePatience, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            var id = HandlingProblem.IdOf(kind, consumer);
            using var read = await _container.ReadItemStreamAsync(id, new PartitionKey(partition), null, either.Token);
            var before = read.IsSuccessStatusCode ? await JsonSerializer.DeserializeAsync(read.Content, RecordJson.Default.HandlingProblem, either.Token) : null;
            var record = new HandlingProblem
            {
                Id = id,
                Partition = partition,
                Kind = kind,
                Consumer = consumer,
                What = what,
                Since = before?.Since ?? now,
                SeenAt = now,
                Times = (before?.Times ?? 0) + 1,
            };
            using var body = new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(record, RecordJson.Default.HandlingProblem), writable: false);
            using var written = await _container.UpsertItemStreamAsync(
                body, new PartitionKey(partition), new ItemRequestOptions { EnableContentResponseOnWrite = false }, either.Token);
        }
        catch (Exception)
        {
            // Not noted, then: what went wrong before is dealt with by the caller, whatever happens here.
        }
    }

    /// <summary>The head, or the proof that it is damaged.</summary>
    private PartitionHead HeadOf(string partition, JsonDocument document)
    {
        PartitionHead? head;
        try
        {
            head = document.RootElement.Deserialize(RecordJson.Default.PartitionHead);
        }
        catch (JsonException e)
        {
            throw new DamagedPartitionException(Name, partition, $"its head cannot be read ({e.Message})", canBeRecorded: false, e);
        }

        return head switch
        {
            { Consumers: null } => throw new DamagedPartitionException(Name, partition, "its head has no consumers", canBeRecorded: false),
            _ when head!.Consumers.Values.Any(c => c?.Handled is null) => throw new DamagedPartitionException(Name, partition, "its head has a consumer without positions", canBeRecorded: false),
            { Version: < 0 } or { SnapshotVersion: < 0 } or { Number: < 0 } or { Commits: < 0 } => throw new DamagedPartitionException(Name, partition, "its head has a negative number", canBeRecorded: false),
            _ when head.SnapshotVersion > head.Version =>
                throw new DamagedPartitionException(Name, partition, "its head has a snapshot of a version that it has not reached", canBeRecorded: false),
            _ => head,
        };
    }

    /// <summary>
    /// A commit met a record that is there already. If the head is still the one that the commit was decided on, nobody else wrote
    /// that record with it: it stands where the head says that nothing is.
    /// </summary>
    private async Task ThrowIfDamagedAsync(UnitOfWork commit, CancellationToken cancellationToken)
    {
        if (commit.Conflict is not { Kind: UnitOfWork.OperationKind.Create, OnConflict: CommitOutcome.Moved } conflict || conflict.Id == Messages.Ids.Head
            || commit.Operations.Where(o => o.Id == Messages.Ids.Head).Select(o => (UnitOfWork.Operation?)o).FirstOrDefault() is not { } written)
            return;
        using var head = await ReadItemAsync(commit.Partition, Messages.Ids.Head, cancellationToken);
        if (ETagOf(head) == written.ETag)
        {
            throw new DamagedPartitionException(
                Name, commit.Partition, $"'{conflict.Id}' is there, though its head says that nothing is there yet", canBeRecorded: head is not null);
        }
    }
}

using System.Text.Json;
using Pipeline.Client;
using Pipeline.Consumers;
using Pipeline.DeadLetters;
using Pipeline.Storage;

namespace Pipeline.Replay;

/// <summary>
/// The subjects of a plan where they are: in the consumers' own containers, each replay of a subject being a
/// <see cref="SubjectReplayRecord"/> that <see cref="SubjectReplayer"/> drives by the change feed.
/// </summary>
internal sealed class SubjectReplays(IReadOnlyDictionary<string, CosmosPartitionStore> stores, IReadOnlyDictionary<ConsumerName, Consumer> consumers, TimeProvider clock)
{
    /// <summary>Starts the replay of one subject, once. Returns how it ended if there is nothing to start.</summary>
    public async Task<SubjectReplayEnd?> StartAsync(ReplayRecord plan, ReplaySubjectRecord subject, CancellationToken cancellationToken)
    {
        if (await ReadAsync(subject, cancellationToken) is { } before)
            return EndOf(before);
        var start = await EvaluateAsync(subject, cancellationToken);
        if (start.End is { } end)
            return end;

        var (store, consumer) = start.Where!.Value;
        await CreateAsync(store, RecordOf(plan, subject, subject.Only || consumer.IsUnordered, ReplayStatus.Applying), cancellationToken);
        return null;
    }

    /// <summary>What a replay of the subject would start with now, or how it would end at once. Changes nothing.</summary>
    public async Task<SubjectReplayStart> EvaluateAsync(ReplaySubjectRecord subject, CancellationToken cancellationToken)
    {
        if (!stores.TryGetValue(subject.Container, out var store) || !consumers.TryGetValue(subject.Consumer, out var consumer))
            return Skipped(subject, $"There is no consumer '{subject.Consumer}' in '{subject.Container}' any more.");
        using var read = await store.ReadAsync(subject.Partition, _ => [subject.Entry.Value], cancellationToken);
        var planned = read.Find(subject.Entry, DeadLetterJson.Default.DeadLetter);
        var next = subject.Entry;
        if (!consumer.IsUnordered)
        {
            var position = read.Head.PositionOf(subject.Consumer);
            if (position.Blocked is not { } blocked)
                return Over(subject, "Nothing waited any more.");
            if (string.CompareOrdinal(position.BlockedPosition, subject.Position) < 0)
                return Skipped(subject, $"'{blocked}', which comes before what was planned, blocks it now. Plan again.");
            next = blocked;
        }

        if (planned is not { Open: true } && (subject.Only || consumer.IsUnordered))
            return Over(subject, "It was closed since it was planned.");
        return await HeadOfAsync(store, consumer, read, subject, planned, cancellationToken) is { Open: true, Replay: { } other }
            && await IsInHandAsync(store, subject.Partition, other, cancellationToken)
            ? Skipped(subject, $"The replay '{other}' processes it.")
            : new SubjectReplayStart((store, consumer), next, null);
    }

    /// <summary>
    /// Keeps a subject that was not started from being started by another instance: its replay is done from the beginning. Returns
    /// its record, which says otherwise if that one was faster; <see langword="null"/> if its container is gone.
    /// </summary>
    public async Task<SubjectReplayRecord?> PreventAsync(ReplayRecord plan, ReplaySubjectRecord subject, CancellationToken cancellationToken)
    {
        if (!stores.TryGetValue(subject.Container, out var store))
            return null;
        var record = RecordOf(plan, subject, subject.Only, ReplayStatus.Stopped);
        record.Detail = plan.Detail;
        record.TtlSeconds = SubjectReplayRecord.FinishedTtlSeconds;
        await CreateAsync(store, record, cancellationToken);
        return await ReadAsync(subject, cancellationToken);
    }

    /// <summary>How the replay of a subject ended; <see langword="null"/> while it is under way.</summary>
    public static SubjectReplayEnd? EndOf(SubjectReplayRecord record) =>
        record.Status == ReplayStatus.Applying
            ? null
            : new SubjectReplayEnd(record.SubjectNumber, record.Status, record.Detail, record.Sent, record.SentAt?.AddMilliseconds(record.IntervalMilliseconds), record.AlreadyHandled);

    /// <summary>Changes the pace of a subject that is under way, or stops it.</summary>
    public async Task ChangeAsync(ReplaySubjectRecord subject, Action<SubjectReplayRecord> change, CancellationToken cancellationToken)
    {
        if (!stores.TryGetValue(subject.Container, out var store))
            return;
        for (var round = 1; round <= 20; round++)
        {
            if (await ReadAsync(subject, cancellationToken) is not { Status: ReplayStatus.Applying } record)
                return;
            var etag = record.ETag!;
            record.ETag = null;
            change(record);
            var bytes = JsonSerializer.SerializeToUtf8Bytes(record, DeadLetterJson.Default.SubjectReplayRecord);
            if (await store.ReplaceAsync(subject.Partition, record.Id, etag, bytes, cancellationToken) != ReplaceOutcome.Changed)
                return;
        }
    }

    /// <summary>The replay of a subject as it stands; <see langword="null"/> if it was not started.</summary>
    public async Task<SubjectReplayRecord?> ReadAsync(ReplaySubjectRecord subject, CancellationToken cancellationToken)
    {
        if (!stores.TryGetValue(subject.Container, out var store))
            return null;
        using var read = await store.ReadItemsAsync(subject.Partition, [Ids.Replay(subject.LaneId)], cancellationToken);
        return read.Find(Ids.Replay(subject.LaneId), DeadLetterJson.Default.SubjectReplayRecord);
    }

    /// <summary>The entry that would be sent first: what was planned may be closed, and another replay have the next one.</summary>
    private static async Task<DeadLetter?> HeadOfAsync(
        CosmosPartitionStore store, Consumer consumer, PartitionRead read, ReplaySubjectRecord subject, DeadLetter? planned, CancellationToken cancellationToken)
    {
        if (consumer.IsUnordered || read.Head.PositionOf(subject.Consumer).Blocked is not { } blocked || blocked == subject.Entry)
            return planned;
        using var now = await store.ReadItemsAsync(subject.Partition, [blocked.Value], cancellationToken);
        return now.Find(blocked, DeadLetterJson.Default.DeadLetter);
    }

    private SubjectReplayRecord RecordOf(ReplayRecord plan, ReplaySubjectRecord subject, bool only, string status) => new()
    {
        Id = Ids.Replay(subject.LaneId),
        Partition = subject.Partition,
        ReplayId = subject.LaneId,
        Plan = plan.ReplayId,
        SubjectNumber = subject.Number,
        Consumer = subject.Consumer,
        Only = only ? subject.Entry : null,
        Status = status,
        CreatedAt = clock.GetUtcNow(),
        NotBefore = subject.NotBefore,
        IntervalMilliseconds = plan.IntervalMilliseconds,
    };

    /// <summary>Once: what is there already stays.</summary>
    private static async Task CreateAsync(CosmosPartitionStore store, SubjectReplayRecord record, CancellationToken cancellationToken)
    {
        var commit = new UnitOfWork(record.Partition);
        commit.CreateGuard(record.Id, record, DeadLetterJson.Default.SubjectReplayRecord, CommitOutcome.AlreadyExists);
        await store.CommitAsync(commit, cancellationToken);
    }

    private static async Task<bool> IsInHandAsync(CosmosPartitionStore store, Partition partition, string replayId, CancellationToken cancellationToken)
    {
        using var read = await store.ReadItemsAsync(partition, [Ids.Replay(replayId)], cancellationToken);
        return read.Find(Ids.Replay(replayId), DeadLetterJson.Default.SubjectReplayRecord) is { Status: ReplayStatus.Applying, DelayedRetryOf: null };
    }

    private static SubjectReplayStart Skipped(ReplaySubjectRecord subject, string why) => new(null, null, new SubjectReplayEnd(subject.Number, ReplayStatus.Skipped, why, 0, null));

    private static SubjectReplayStart Over(ReplaySubjectRecord subject, string why) => new(null, null, new SubjectReplayEnd(subject.Number, ReplayStatus.Completed, why, 0, null));
}

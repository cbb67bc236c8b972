using System.Net;
using System.Text.Json;
using Pipeline.Consumers;
using Pipeline.DeadLetters;
using Pipeline.Messages;
using Pipeline.Storage;

namespace Pipeline.Replay;

/// <summary>
/// The subjects of a plan where they are: in the consumers' own containers, each replay of a subject being a
/// <see cref="SubjectReplayRecord"/> that <see cref="SubjectReplayer"/> drives by the change feed.
/// </summary>
internal sealed class SubjectReplays(IReadOnlyDictionary<string, PartitionStore> stores, IReadOnlyDictionary<string, Consumer> consumers, TimeProvider clock)
{
    /// <summary>Starts the replay of one subject, once. Returns how it ended if there is nothing to start.</summary>
    public async Task<SubjectReplayEnd?> StartAsync(ReplayRecord plan, ReplaySubjectRecord lane, CancellationToken cancellationToken)
    {
        if (await ReadAsync(lane, cancellationToken) is { } before)
            return EndOf(before);
        var start = await LookAsync(lane, cancellationToken);
        if (start.End is { } end)
            return end;

        var (store, consumer) = start.Where!.Value;
        await CreateAsync(store, RecordOf(plan, lane, lane.Only || consumer.IsUnordered, ReplayStatus.Applying), cancellationToken);
        return null;
    }

    /// <summary>What a replay of the subject would start with now, or how it would end at once. Changes nothing.</summary>
    public async Task<SubjectReplayStart> LookAsync(ReplaySubjectRecord lane, CancellationToken cancellationToken)
    {
        if (!stores.TryGetValue(lane.Container, out var store) || !consumers.TryGetValue(lane.Consumer, out var consumer))
            return Skipped(lane, $"There is no consumer '{lane.Consumer}' in '{lane.Container}' any more.");
        using var read = await store.ReadAsync(lane.Partition, _ => [lane.Entry], cancellationToken);
        var planned = read.Find(lane.Entry, RecordJson.Default.DeadLetter);
        var next = lane.Entry;
        if (!consumer.IsUnordered)
        {
            var position = read.Head.Of(lane.Consumer);
            if (position.Blocked is null)
                return Over(lane, "Nothing waited any more.");
            if (string.CompareOrdinal(position.BlockedPosition, lane.Position) < 0)
                return Skipped(lane, $"'{position.Blocked}', which comes before what was planned, blocks it now. Plan again.");
            next = position.Blocked;
        }

        if (planned is not { Open: true } && (lane.Only || consumer.IsUnordered))
            return Over(lane, "It was closed since it was planned.");
        return await HeadOfAsync(store, consumer, read, lane, planned, cancellationToken) is { Open: true, Replay: { } other }
            && await IsInHandAsync(store, lane.Partition, other, cancellationToken)
            ? Skipped(lane, $"The replay '{other}' has it in hand.")
            : new SubjectReplayStart((store, consumer), next, null);
    }

    /// <summary>
    /// Keeps a subject that was not started from being started by whoever is about to: its replay is over from the beginning. Returns
    /// its record, which says otherwise if that one was faster; <see langword="null"/> if its container is gone.
    /// </summary>
    public async Task<SubjectReplayRecord?> BarAsync(ReplayRecord plan, ReplaySubjectRecord lane, CancellationToken cancellationToken)
    {
        if (!stores.TryGetValue(lane.Container, out var store))
            return null;
        var record = RecordOf(plan, lane, lane.Only, ReplayStatus.Stopped);
        record.Detail = plan.Detail;
        record.TtlSeconds = SubjectReplayRecord.FinishedTtlSeconds;
        await CreateAsync(store, record, cancellationToken);
        return await ReadAsync(lane, cancellationToken);
    }

    /// <summary>How the replay of a subject ended; <see langword="null"/> while it is under way.</summary>
    public static SubjectReplayEnd? EndOf(SubjectReplayRecord record) =>
        record.Status == ReplayStatus.Applying
            ? null
            : new SubjectReplayEnd(record.Lane, record.Status, record.Detail, record.Sent, record.SentAt?.AddMilliseconds(record.IntervalMilliseconds), record.AlreadyHandled);

    /// <summary>Changes the pace of a subject that is under way, or stops it.</summary>
    public async Task ChangeAsync(ReplaySubjectRecord lane, Action<SubjectReplayRecord> change, CancellationToken cancellationToken)
    {
        if (!stores.TryGetValue(lane.Container, out var store))
            return;
        for (var round = 1; round <= 20; round++)
        {
            if (await ReadAsync(lane, cancellationToken) is not { Status: ReplayStatus.Applying } record)
                return;
            var etag = record.ETag!;
            record.ETag = null;
            change(record);
            var bytes = JsonSerializer.SerializeToUtf8Bytes(record, RecordJson.Default.SubjectReplayRecord);
            if (await store.ReplaceAsync(lane.Partition, record.Id, etag, bytes, cancellationToken) != HttpStatusCode.PreconditionFailed)
                return;
        }
    }

    /// <summary>The replay of a subject as it stands; <see langword="null"/> if it was not started.</summary>
    public async Task<SubjectReplayRecord?> ReadAsync(ReplaySubjectRecord lane, CancellationToken cancellationToken)
    {
        if (!stores.TryGetValue(lane.Container, out var store))
            return null;
        using var read = await store.ReadItemsAsync(lane.Partition, [Ids.Replay(lane.LaneId)], cancellationToken);
        return read.Find(Ids.Replay(lane.LaneId), RecordJson.Default.SubjectReplayRecord);
    }

    /// <summary>The entry that would be sent first: what was planned may be closed, and another replay have the next one.</summary>
    private static async Task<DeadLetter?> HeadOfAsync(
        PartitionStore store, Consumer consumer, PartitionRead read, ReplaySubjectRecord lane, DeadLetter? planned, CancellationToken cancellationToken)
    {
        if (consumer.IsUnordered || read.Head.Of(lane.Consumer).Blocked is not { } blocked || blocked == lane.Entry)
            return planned;
        using var now = await store.ReadItemsAsync(lane.Partition, [blocked], cancellationToken);
        return now.Find(blocked, RecordJson.Default.DeadLetter);
    }

    private SubjectReplayRecord RecordOf(ReplayRecord plan, ReplaySubjectRecord lane, bool only, string status) => new()
    {
        Id = Ids.Replay(lane.LaneId),
        Partition = lane.Partition,
        ReplayId = lane.LaneId,
        Plan = plan.ReplayId,
        Lane = lane.Number,
        Consumer = lane.Consumer,
        Only = only ? lane.Entry : null,
        Status = status,
        CreatedAt = clock.GetUtcNow(),
        NotBefore = lane.NotBefore,
        IntervalMilliseconds = plan.IntervalMilliseconds,
    };

    /// <summary>Once: what is there already stays.</summary>
    private static async Task CreateAsync(PartitionStore store, SubjectReplayRecord record, CancellationToken cancellationToken)
    {
        var commit = new UnitOfWork(record.Partition);
        commit.CreateFirst(record.Id, record, RecordJson.Default.SubjectReplayRecord, CommitOutcome.AlreadyHandled);
        await store.WriteAsync(commit, cancellationToken);
    }

    private static async Task<bool> IsInHandAsync(PartitionStore store, string partition, string replayId, CancellationToken cancellationToken)
    {
        using var read = await store.ReadItemsAsync(partition, [Ids.Replay(replayId)], cancellationToken);
        return read.Find(Ids.Replay(replayId), RecordJson.Default.SubjectReplayRecord) is { Status: ReplayStatus.Applying, Held: null };
    }

    private static SubjectReplayStart Skipped(ReplaySubjectRecord lane, string why) => new(null, null, new SubjectReplayEnd(lane.Number, ReplayStatus.Skipped, why, 0, null));

    private static SubjectReplayStart Over(ReplaySubjectRecord lane, string why) => new(null, null, new SubjectReplayEnd(lane.Number, ReplayStatus.Completed, why, 0, null));
}

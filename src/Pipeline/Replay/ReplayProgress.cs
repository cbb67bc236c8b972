using System.Text.Json;
using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.Logging;
using Pipeline.Storage;

namespace Pipeline.Replay;

/// <summary>
/// The steps of a replay that is being applied. A step reads the plan, notes which subjects are over, and makes the next
/// ones running, in one batch with <c>If-Match</c> on the plan; only then are they started where they are. Whatever a crash
/// cuts off in between, the sweep finds as a running subject that was not started, or that is over and not noted.
/// </summary>
internal sealed class ReplayProgress(PartitionStore plans, SubjectReplays lanes, TimeProvider clock, ILogger log)
{
    /// <summary>The most subjects that are replayed side by side; with the plan they fit in one batch, twice over.</summary>
    public const int MaxSlots = 40;

    private const int MaxRounds = 50;

    public async Task<ReplayRecord?> ReadAsync(string replayId, CancellationToken cancellationToken)
    {
        using var read = await plans.ReadItemsAsync(replayId, [ReplayRecord.RecordId], cancellationToken);
        return read.Find(ReplayRecord.RecordId, ReplayJson.Default.ReplayRecord);
    }

    /// <summary>Changes the plan, unless <paramref name="change"/> says that there is nothing to change.</summary>
    public async Task ChangeAsync(string replayId, Func<ReplayRecord, bool> change, CancellationToken cancellationToken)
    {
        for (var round = 1; round <= MaxRounds; round++)
        {
            var plan = await ReadAsync(replayId, cancellationToken) ?? throw NoSuch(replayId);
            if (!change(plan))
                return;
            var commit = new UnitOfWork(replayId);
            Replace(commit, plan);
            if (await plans.WriteAsync(commit, cancellationToken) == CommitOutcome.Committed)
                return;
        }

        throw new StoreUnavailableException($"The replay '{replayId}' changes too fast.");
    }

    /// <summary>Notes what is over and starts what is next, until nothing more can be started.</summary>
    public async Task GoOnAsync(string replayId, IReadOnlyList<SubjectReplayEnd> over, CancellationToken cancellationToken)
    {
        var repaced = false;
        for (var round = 1; round <= MaxRounds; round++)
        {
            if (await ReadAsync(replayId, cancellationToken) is not { } plan)
                return;
            var slots = plan.Slots;
            var started = await StepAsync(plan, over, cancellationToken);
            if (started is null)
                continue;
            round = 1;
            repaced |= plan.Slots != slots;
            var ends = new List<SubjectReplayEnd>();
            await ForEachAsync(plan, started, async lane =>
            {
                if (await lanes.StartAsync(plan, lane, cancellationToken) is { } end)
                    ends.Add(end);
            }, cancellationToken);
            over = ends;
            if (over.Count > 0)
                continue;
            if (repaced)
                await RepaceAsync(plan, cancellationToken);
            if (plan.Status == ReplayStatus.Stopping)
                await StopLanesAsync(plan, cancellationToken);
            return;
        }

        throw new StoreUnavailableException($"The replay '{replayId}' changes too fast.");
    }

    /// <summary>Compares the plan with what became of its running subjects, and goes on from there.</summary>
    public async Task ReconcileAsync(string replayId, CancellationToken cancellationToken)
    {
        if (await ReadAsync(replayId, cancellationToken) is not { } plan)
            return;
        var over = new List<SubjectReplayEnd>();
        var isStopping = plan.Status == ReplayStatus.Stopping;
        await ForEachAsync(plan, await RunningAsync(replayId, cancellationToken), async lane =>
        {
            if (isStopping)
                await StopLaneAsync(plan, lane, cancellationToken);
            var record = await lanes.ReadAsync(lane, cancellationToken) ?? (isStopping ? await lanes.BarAsync(plan, lane, cancellationToken) : null);
            var end = record is not null ? SubjectReplays.EndOf(record)
                : isStopping ? new SubjectReplayEnd(lane.Number, ReplayStatus.Skipped, plan.Detail, 0, null)
                : await lanes.StartAsync(plan, lane, cancellationToken);
            if (end is { } e)
                over.Add(e);
        }, cancellationToken);
        await GoOnAsync(replayId, over, cancellationToken);
    }

    public async Task SweepAsync(CancellationToken cancellationToken)
    {
        var query = new QueryDefinition("SELECT c.pk FROM c WHERE c.kind = 'plan' AND c.status IN ('applying', 'stopping')");
        using var found = await plans.QueryAsync(query, null, null, cancellationToken);
        foreach (var replayId in found.Records.Select(r => r.GetProperty("pk"u8).GetString()!))
        {
            try
            {
                await ReconcileAsync(replayId, cancellationToken);
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                log.LogError(e, "Replay {Replay} could not go on; the next sweep will try again.", replayId);
            }
        }
    }

    /// <summary>The subjects that are under way; never more than <see cref="MaxSlots"/>.</summary>
    public async Task<IReadOnlyList<ReplaySubjectRecord>> RunningAsync(string replayId, CancellationToken cancellationToken)
    {
        var query = new QueryDefinition("SELECT * FROM c WHERE c.kind = 'lane' AND c.status = 'applying'");
        using var found = await plans.QueryAsync(query, replayId, null, cancellationToken);
        return [.. found.Records.Select(LaneOf)];
    }

    public static ReplayRecord PlanOf(JsonElement record) => record.Deserialize(ReplayJson.Default.ReplayRecord)!;

    public static ReplaySubjectRecord LaneOf(JsonElement record) => record.Deserialize(ReplayJson.Default.ReplaySubjectRecord)!;

    public static ReplayRefusedException NoSuch(string replayId) => new($"There is no replay '{replayId}'.");

    /// <summary>One batch; the lanes that it made running, or <see langword="null"/> if somebody else changed the plan meanwhile.</summary>
    private async Task<IReadOnlyList<ReplaySubjectRecord>?> StepAsync(ReplayRecord plan, IReadOnlyList<SubjectReplayEnd> over, CancellationToken cancellationToken)
    {
        var commit = new UnitOfWork(plan.ReplayId);
        var (status, finishedAt) = (plan.Status, plan.FinishedAt);
        var free = new Queue<DateTimeOffset?>();
        var ended = await EndAsync(commit, plan, over, free, cancellationToken);
        if (plan is { Status: ReplayStatus.Applying, MaxFailed: > 0 } && plan.Failed >= plan.MaxFailed)
        {
            plan.Status = ReplayStatus.Stopping;
            plan.Detail = $"Stopped by itself: {(plan.Failed == 1 ? "1 subject" : string.Create(null, $"{plan.Failed} subjects"))} failed again. The first: {plan.FirstFailure}";
        }

        List<ReplaySubjectRecord> started = plan.Status == ReplayStatus.Applying ? await BeginAsync(commit, plan, free, cancellationToken) : [];
        if (plan.Running == 0)
            Finish(plan);
        else if (plan.Cursor == plan.Subjects && plan.Running <= plan.Slots / 2)
            plan.Slots = plan.Running;
        if (ended == 0 && started.Count == 0 && plan.Status == status && plan.FinishedAt == finishedAt)
            return started;
        Replace(commit, plan);
        return await plans.WriteAsync(commit, cancellationToken) == CommitOutcome.Committed ? started : null;
    }

    private async Task<int> EndAsync(
        UnitOfWork commit, ReplayRecord plan, IReadOnlyList<SubjectReplayEnd> over, Queue<DateTimeOffset?> free, CancellationToken cancellationToken)
    {
        if (over.Count == 0)
            return 0;
        using var read = await plans.ReadItemsAsync(plan.ReplayId, over.Select(e => ReplaySubjectRecord.IdOf(e.Number)), cancellationToken);
        var ended = 0;
        foreach (var end in over)
        {
            if (read.Find(ReplaySubjectRecord.IdOf(end.Number), ReplayJson.Default.ReplaySubjectRecord) is not { Status: ReplayStatus.Applying } lane)
                continue;
            ended++;
            free.Enqueue(end.NextSlot ?? lane.NotBefore);
            lane.Status = end.Status == ReplayStatus.Stopped && plan.Status == ReplayStatus.Stopping ? ReplayStatus.Skipped : end.Status;
            lane.Detail = end.Detail;
            lane.Sent = end.Sent;
            lane.AlreadyHandled = end.AlreadyHandled;
            plan.Sent += end.Sent;
            plan.AlreadyHandled += end.AlreadyHandled;
            _ = lane.Status switch
            {
                ReplayStatus.Completed => plan.Completed++,
                ReplayStatus.Skipped => plan.Skipped++,
                _ => plan.Failed++,
            };
            if (lane.Status == ReplayStatus.Stopped)
                plan.FirstFailure ??= $"{lane.Partition} at {lane.Consumer}: {lane.Detail}";
            Replace(commit, lane);
        }

        return ended;
    }

    /// <summary>Makes the next lanes running, as many as there are free slots. Each sends when the one before it in its slot would have.</summary>
    private async Task<List<ReplaySubjectRecord>> BeginAsync(UnitOfWork commit, ReplayRecord plan, Queue<DateTimeOffset?> free, CancellationToken cancellationToken)
    {
        var count = Math.Min(plan.Slots - plan.Running, plan.Subjects - plan.Cursor);
        if (count <= 0)
            return [];
        var numbers = Enumerable.Range(plan.Cursor + 1, count).ToList();
        using var read = await plans.ReadItemsAsync(plan.ReplayId, numbers.Select(ReplaySubjectRecord.IdOf), cancellationToken);
        var started = new List<ReplaySubjectRecord>(count);
        foreach (var number in numbers)
        {
            var lane = read.Find(ReplaySubjectRecord.IdOf(number), ReplayJson.Default.ReplaySubjectRecord)
                ?? throw new StoreUnavailableException(string.Create(CultureInfo.InvariantCulture,
                    $"Subject {number} of the replay '{plan.ReplayId}' cannot be read yet."));
            lane.Status = ReplayStatus.Applying;
            lane.NotBefore = free.TryDequeue(out var slot) ? slot : clock.GetUtcNow().AddMilliseconds(started.Count * 1000.0 / plan.Rate);
            Replace(commit, lane);
            started.Add(lane);
        }

        plan.Cursor += count;
        return started;
    }

    private void Finish(ReplayRecord plan)
    {
        if (plan.FinishedAt is not null || plan.Status is not (ReplayStatus.Applying or ReplayStatus.Stopping))
            return;
        plan.Status = plan.Status == ReplayStatus.Stopping ? ReplayStatus.Stopped
            : plan.Failed > 0 ? ReplayStatus.Failed
            : ReplayStatus.Completed;
        plan.Detail ??= plan.Failed == 0
            ? null
            : string.Create(CultureInfo.InvariantCulture,
                $"{plan.Failed} of {plan.Subjects} subjects failed again and are still blocked. The first: {plan.FirstFailure}");
        plan.FinishedAt = clock.GetUtcNow();
        log.LogInformation(
            "Replay {Replay} is {Status}: {Completed} subjects completed, {Failed} failed, {Skipped} skipped, {Sent} messages sent.",
            plan.ReplayId, plan.Status, plan.Completed, plan.Failed, plan.Skipped, plan.Sent);
    }

    /// <summary>The few subjects that are left may go faster, all together as fast as before.</summary>
    private async Task RepaceAsync(ReplayRecord plan, CancellationToken cancellationToken) => await ForEachAsync(
        plan,
        await RunningAsync(plan.ReplayId, cancellationToken),
        lane => lanes.ChangeAsync(lane, record => record.IntervalMilliseconds = plan.IntervalMilliseconds, cancellationToken),
        cancellationToken);

    private async Task StopLanesAsync(ReplayRecord plan, CancellationToken cancellationToken) => await ForEachAsync(
        plan, await RunningAsync(plan.ReplayId, cancellationToken), lane => StopLaneAsync(plan, lane, cancellationToken), cancellationToken);

    /// <summary>One after the other. A subject that is out of reach is left to the sweep, and holds up none of the others.</summary>
    private async Task ForEachAsync(ReplayRecord plan, IReadOnlyList<ReplaySubjectRecord> subjects, Func<ReplaySubjectRecord, Task> step, CancellationToken cancellationToken)
    {
        foreach (var lane in subjects)
        {
            try
            {
                await step(lane);
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                log.LogError(
                    e, "Replay {Replay}: subject {Number}, {Container}/{Partition}, is out of reach; the sweep will try again.",
                    plan.ReplayId, lane.Number, lane.Container, lane.Partition);
            }
        }
    }

    private Task StopLaneAsync(ReplayRecord plan, ReplaySubjectRecord lane, CancellationToken cancellationToken) => lanes.ChangeAsync(
        lane,
        record =>
        {
            record.Status = ReplayStatus.Stopped;
            record.Detail = plan.Detail;
            record.TtlSeconds = SubjectReplayRecord.FinishedTtlSeconds;
        },
        cancellationToken);

    private static void Replace(UnitOfWork commit, ReplayRecord plan)
    {
        var etag = plan.ETag;
        plan.ETag = null;
        commit.Replace(plan.Id, etag, plan, ReplayJson.Default.ReplayRecord);
    }

    private static void Replace(UnitOfWork commit, ReplaySubjectRecord lane)
    {
        var etag = lane.ETag;
        lane.ETag = null;
        commit.Replace(lane.Id, etag, lane, ReplayJson.Default.ReplaySubjectRecord);
    }
}

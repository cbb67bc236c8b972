using Microsoft.Extensions.Logging;
using Pipeline.Client;
using Pipeline.DeadLetters;
using Pipeline.Storage;

namespace Pipeline.Replay;

/// <summary>
/// The steps of a replay that is being applied. A step reads the plan, notes which subjects are over, and makes the next
/// ones running, in one batch with <c>If-Match</c> on the plan; only then are they started where they are. Whatever a crash
/// cuts off in between, the sweep finds as a running subject that was not started, or that is over and not noted.
/// </summary>
internal sealed class ReplayProgress(ReplayRecords records, SubjectReplays replays, TimeProvider clock, ILogger log)
{
    /// <summary>The most subjects that are replayed side by side; with the plan they fit in one batch, twice over.</summary>
    public const int MaxSlots = 40;

    private const int MaxRounds = 50;

    /// <summary>Notes what is over and starts what is next, until nothing more can be started.</summary>
    public async Task AdvanceAsync(string replayId, IReadOnlyList<SubjectReplayEnd> over, CancellationToken cancellationToken)
    {
        var repaced = false;
        for (var round = 1; round <= MaxRounds; round++)
        {
            if (await records.ReadAsync(replayId, cancellationToken) is not { } plan)
                return;
            var slots = plan.Slots;
            var started = await StepAsync(plan, over, cancellationToken);
            if (started is null)
                continue;
            round = 1;
            repaced |= plan.Slots != slots;
            var ends = new List<SubjectReplayEnd>();
            await ForEachAsync(plan, started, async subject =>
            {
                if (await replays.StartAsync(plan, subject, cancellationToken) is { } end)
                    ends.Add(end);
            }, cancellationToken);
            over = ends;
            if (over.Count > 0)
                continue;
            if (repaced)
                await RepaceAsync(plan, cancellationToken);
            if (plan.Status == ReplayStatus.Stopping)
                await StopSubjectsAsync(plan, cancellationToken);
            return;
        }

        throw new StoreUnavailableException($"The replay '{replayId}' changes too fast.");
    }

    /// <summary>Compares the plan with what became of its running subjects, and continues from there.</summary>
    public async Task ReconcileAsync(string replayId, CancellationToken cancellationToken)
    {
        if (await records.ReadAsync(replayId, cancellationToken) is not { } plan)
            return;
        var over = new List<SubjectReplayEnd>();
        var isStopping = plan.Status == ReplayStatus.Stopping;
        await ForEachAsync(plan, await records.RunningAsync(replayId, cancellationToken), async subject =>
        {
            if (isStopping)
                await StopSubjectAsync(plan, subject, cancellationToken);
            var record = await replays.ReadAsync(subject, cancellationToken) ?? (isStopping ? await replays.PreventAsync(plan, subject, cancellationToken) : null);
            var end = record is not null ? SubjectReplays.EndOf(record)
                : isStopping ? new SubjectReplayEnd(subject.Number, ReplayStatus.Skipped, plan.Detail, 0, null)
                : await replays.StartAsync(plan, subject, cancellationToken);
            if (end is { } e)
                over.Add(e);
        }, cancellationToken);
        await AdvanceAsync(replayId, over, cancellationToken);
    }

    public async Task SweepAsync(CancellationToken cancellationToken)
    {
        foreach (var replayId in await records.RunningReplaysAsync(cancellationToken))
        {
            try
            {
                await ReconcileAsync(replayId, cancellationToken);
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                log.LogError(e, "Replay {Replay} could not continue; the next sweep will try again.", replayId);
            }
        }
    }

    /// <summary>One batch; the subjects that it started, or <see langword="null"/> if another writer changed the plan meanwhile.</summary>
    private async Task<IReadOnlyList<ReplaySubjectRecord>?> StepAsync(ReplayRecord plan, IReadOnlyList<SubjectReplayEnd> over, CancellationToken cancellationToken)
    {
        var work = new UnitOfWork(ReplayRecords.PartitionOf(plan.ReplayId));
        var (status, finishedAt) = (plan.Status, plan.FinishedAt);
        var free = new Queue<DateTimeOffset?>();
        var ended = await EndAsync(work, plan, over, free, cancellationToken);
        if (plan is { Status: ReplayStatus.Applying, MaxFailed: > 0 } && plan.Failed >= plan.MaxFailed)
        {
            plan.Status = ReplayStatus.Stopping;
            plan.Detail = $"Stopped by itself: {(plan.Failed == 1 ? "1 subject" : string.Create(null, $"{plan.Failed} subjects"))} failed again. The first: {plan.FirstFailure}";
        }

        List<ReplaySubjectRecord> started = plan.Status == ReplayStatus.Applying ? await BeginAsync(work, plan, free, cancellationToken) : [];
        if (plan.Running == 0)
            Finish(plan);
        else if (plan.Cursor == plan.Subjects && plan.Running <= plan.Slots / 2)
            plan.Slots = plan.Running;
        if (ended == 0 && started.Count == 0 && plan.Status == status && plan.FinishedAt == finishedAt)
            return started;
        ReplayRecords.Replace(work, plan);
        return await records.CommitAsync(work, cancellationToken) ? started : null;
    }

    private async Task<int> EndAsync(
        UnitOfWork work, ReplayRecord plan, IReadOnlyList<SubjectReplayEnd> over, Queue<DateTimeOffset?> free, CancellationToken cancellationToken)
    {
        if (over.Count == 0)
            return 0;
        var subjects = await records.ReadSubjectsAsync(plan.ReplayId, over.Select(e => e.Number), cancellationToken);
        var ended = 0;
        foreach (var end in over)
        {
            if (subjects.GetValueOrDefault(end.Number) is not { Status: ReplayStatus.Applying } subject)
                continue;
            ended++;
            free.Enqueue(end.NextSlot ?? subject.NotBefore);
            subject.Status = end.Status == ReplayStatus.Stopped && plan.Status == ReplayStatus.Stopping ? ReplayStatus.Skipped : end.Status;
            subject.Detail = end.Detail;
            subject.Sent = end.Sent;
            subject.AlreadyHandled = end.AlreadyHandled;
            plan.Sent += end.Sent;
            plan.AlreadyHandled += end.AlreadyHandled;
            _ = subject.Status switch
            {
                ReplayStatus.Completed => plan.Completed++,
                ReplayStatus.Skipped => plan.Skipped++,
                _ => plan.Failed++,
            };
            if (subject.Status == ReplayStatus.Stopped)
                plan.FirstFailure ??= $"{subject.Partition} at {subject.Consumer}: {subject.Detail}";
            ReplayRecords.Replace(work, subject);
        }

        return ended;
    }

    /// <summary>Starts the next subjects, as many as there are free slots. Each sends when the one before it in its slot would have.</summary>
    private async Task<List<ReplaySubjectRecord>> BeginAsync(UnitOfWork work, ReplayRecord plan, Queue<DateTimeOffset?> free, CancellationToken cancellationToken)
    {
        var count = Math.Min(plan.Slots - plan.Running, plan.Subjects - plan.Cursor);
        if (count <= 0)
            return [];
        var numbers = Enumerable.Range(plan.Cursor + 1, count).ToList();
        var subjects = await records.ReadSubjectsAsync(plan.ReplayId, numbers, cancellationToken);
        var started = new List<ReplaySubjectRecord>(count);
        foreach (var number in numbers)
        {
            var subject = subjects.GetValueOrDefault(number)
                ?? throw new StoreUnavailableException(string.Create(CultureInfo.InvariantCulture,
                    $"Subject {number} of the replay '{plan.ReplayId}' cannot be read yet."));
            subject.Status = ReplayStatus.Applying;
            subject.NotBefore = free.TryDequeue(out var slot) ? slot : clock.GetUtcNow().AddMilliseconds(started.Count * 1000.0 / plan.Rate);
            ReplayRecords.Replace(work, subject);
            started.Add(subject);
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
        await records.RunningAsync(plan.ReplayId, cancellationToken),
        subject => replays.ChangeAsync(subject, record => record.IntervalMilliseconds = plan.IntervalMilliseconds, cancellationToken),
        cancellationToken);

    private async Task StopSubjectsAsync(ReplayRecord plan, CancellationToken cancellationToken) => await ForEachAsync(
        plan, await records.RunningAsync(plan.ReplayId, cancellationToken), subject => StopSubjectAsync(plan, subject, cancellationToken), cancellationToken);

    /// <summary>One after the other. A subject that is unavailable is left to the sweep, and holds up none of the others.</summary>
    private async Task ForEachAsync(ReplayRecord plan, IReadOnlyList<ReplaySubjectRecord> subjects, Func<ReplaySubjectRecord, Task> step, CancellationToken cancellationToken)
    {
        foreach (var subject in subjects)
        {
            try
            {
                await step(subject);
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                log.LogError(
                    e, "Replay {Replay}: subject {Number}, {Container}/{Partition}, is unavailable; the sweep will try again.",
                    plan.ReplayId, subject.Number, subject.Container, subject.Partition.Value);
            }
        }
    }

    private Task StopSubjectAsync(ReplayRecord plan, ReplaySubjectRecord subject, CancellationToken cancellationToken) => replays.ChangeAsync(
        subject,
        record =>
        {
            record.Status = ReplayStatus.Stopped;
            record.Detail = plan.Detail;
            record.TtlSeconds = SubjectReplayRecord.FinishedTtlSeconds;
        },
        cancellationToken);
}

using Microsoft.Extensions.Logging;
using Pipeline.Client;
using Pipeline.Consumers;
using Pipeline.DeadLetters;
using Pipeline.Storage;

namespace Pipeline.Replay;

/// <summary>
/// Replays as documents: planned (the selection is frozen), applied at a rate, watched, stopped. Nothing here waits or
/// holds a replay in memory: the subjects drive themselves by the change feed, and each one that ends starts the next.
/// </summary>
public sealed class ReplayCoordinator
{
    /// <summary>A plan and its subjects are kept for 90 days: what is started must be able to come to its end.</summary>
    private static readonly TimeSpan MaxPlanAge = TimeSpan.FromDays(30);

    private readonly TimeProvider _clock;
    private readonly ILogger _log;
    private readonly SubjectReplays _subjects;
    private readonly ReplayRecords _records;
    private readonly ReplayProgress _progress;
    private readonly ReplayPlanner _planner;
    private readonly ReplayDryRuns _dryRuns;

    /// <summary>Creates the replays.</summary>
    /// <param name="plans">The container that holds the plans; partition key <c>/pk</c>, time to live on without a default.</param>
    /// <param name="stores">The containers of the services.</param>
    /// <param name="consumers">All consumers.</param>
    /// <param name="clock">The time.</param>
    /// <param name="log">Tells what was planned, applied and stopped.</param>
    public ReplayCoordinator(
        CosmosPartitionStore plans, IReadOnlyCollection<CosmosPartitionStore> stores, IEnumerable<Consumer> consumers, TimeProvider clock, ILogger<ReplayCoordinator> log)
    {
        var byName = consumers.ToDictionary(c => new ConsumerName(c.Name));
        _clock = clock;
        _log = log;
        _records = new ReplayRecords(plans);
        _subjects = new SubjectReplays(stores.ToDictionary(s => s.Name, StringComparer.Ordinal), byName, clock);
        _progress = new ReplayProgress(_records, _subjects, clock, log);
        _planner = new ReplayPlanner(plans, stores, byName, _records, clock, log);
        _dryRuns = new ReplayDryRuns(_records, _subjects);
    }

    /// <summary>Freezes a selection. Nothing is sent.</summary>
    /// <returns>The plan; refused if nothing of the selection can be replayed, or if it has too many subjects.</returns>
    /// <exception cref="StoreUnavailableException">A container is unavailable; planning again is safe.</exception>
    public async Task<Refusable<ReplaySummary>> PlanAsync(ReplayRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        return (await _planner.PlanAsync(request, cancellationToken)).TryGet(out var replay, out var refusal)
            ? await GetAsync(replay.ReplayId, cancellationToken)
            : Refusable<ReplaySummary>.Refused(refusal);
    }

    /// <summary>Starts what was planned. Asked again, it says where it stands.</summary>
    /// <returns>Where it stands; refused if there is no such plan, if it was stopped, or if it is older than 30 days.</returns>
    /// <exception cref="StoreUnavailableException">A container is unavailable; applying again is safe.</exception>
    public async Task<Refusable<ReplaySummary>> ApplyAsync(string replayId, CancellationToken cancellationToken)
    {
        var refusal = await _records.ChangeAsync(
            replayId,
            plan =>
            {
                switch (plan.Status)
                {
                    case ReplayStatus.Planned when _clock.GetUtcNow() - plan.CreatedAt > MaxPlanAge:
                        return ReplayChange.Refused(string.Create(CultureInfo.InvariantCulture,
                            $"'{replayId}' was planned at {plan.CreatedAt:u}; a plan is applied within {MaxPlanAge.Days} days. Plan again."));
                    case ReplayStatus.Planned:
                        plan.Status = ReplayStatus.Applying;
                        plan.StartedAt = _clock.GetUtcNow();
                        plan.Slots = Math.Clamp((plan.Rate + 1) / 2, 1, Math.Min(ReplayProgress.MaxSlots, plan.Subjects));
                        return ReplayChange.Made;
                    case ReplayStatus.Planning:
                        return ReplayChange.Refused($"'{replayId}' was not planned to its end. Plan again.");
                    case ReplayStatus.Stopping or ReplayStatus.Stopped:
                        return ReplayChange.Refused($"'{replayId}' was stopped: {plan.Detail} Plan again; what it has replayed is closed.");
                    default:
                        return ReplayChange.None;
                }
            },
            cancellationToken);
        if (refusal is not null)
            return Refusable<ReplaySummary>.Refused(refusal);
        await _progress.AdvanceAsync(replayId, [], cancellationToken);
        return await GetAsync(replayId, cancellationToken);
    }

    /// <summary>Stops a replay: nothing more is sent. What the broker has of it already, one message per subject at most, is still handled.</summary>
    /// <returns>Where it stands; refused if there is no such plan, or if it has come to its end.</returns>
    /// <exception cref="StoreUnavailableException">A container is unavailable; stopping again is safe.</exception>
    public async Task<Refusable<ReplaySummary>> StopAsync(string replayId, string by, string? why, CancellationToken cancellationToken)
    {
        var refusal = await _records.ChangeAsync(
            replayId,
            plan =>
            {
                if (plan.Status is ReplayStatus.Stopping or ReplayStatus.Stopped)
                    return ReplayChange.None;
                if (plan.Status is ReplayStatus.Completed or ReplayStatus.Failed)
                    return ReplayChange.Refused($"'{replayId}' has come to its end: {plan.Status}.");
                plan.Status = ReplayStatus.Stopping;
                plan.Detail = $"Stopped by {by}{(why is null ? "" : ": " + why)}.";
                return ReplayChange.Made;
            },
            cancellationToken);
        if (refusal is not null)
            return Refusable<ReplaySummary>.Refused(refusal);
        await _progress.ReconcileAsync(replayId, cancellationToken);
        return await GetAsync(replayId, cancellationToken);
    }

    /// <summary>Where a replay stands; <see langword="null"/> if there is none of that id.</summary>
    public async Task<ReplaySummary?> FindAsync(string replayId, CancellationToken cancellationToken)
    {
        if (await _records.ReadAsync(replayId, cancellationToken) is not { } plan)
            return null;
        var view = ReplaySummaries.Of(plan);
        if (plan.Running == 0)
            return view;
        var sent = 0L;
        foreach (var subject in await _records.RunningAsync(replayId, cancellationToken))
            sent += (await _subjects.ReadAsync(subject, cancellationToken))?.Sent ?? 0;
        return view with { Sent = view.Sent + sent };
    }

    /// <summary>Replays, in no order, one page.</summary>
    /// <param name="pageSize">1 to 500.</param>
    /// <param name="continuation">Where the page before ended; <see langword="null"/> for the first one.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public async Task<(IReadOnlyList<ReplaySummary> Items, string? Continuation)> ListAsync(int pageSize, string? continuation, CancellationToken cancellationToken)
    {
        var (replays, next) = await _records.PageAsync(pageSize, continuation, cancellationToken);
        return ([.. replays.Select(ReplaySummaries.Of)], next);
    }

    /// <summary>The subjects of a replay, one page.</summary>
    /// <param name="replayId">The replay.</param>
    /// <param name="pageSize">1 to 500.</param>
    /// <param name="continuation">Where the page before ended; <see langword="null"/> for the first one.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public async Task<(IReadOnlyList<ReplaySubject> Items, string? Continuation)> SubjectsAsync(
        string replayId, int pageSize, string? continuation, CancellationToken cancellationToken)
    {
        var (subjects, next) = await _records.SubjectsAsync(replayId, pageSize, continuation, cancellationToken);
        return ([.. subjects.Select(ReplaySummaries.Of)], next);
    }

    /// <summary>Shows what applying a replay would do with its subjects, each by itself, as things stand. One page; nothing is written.</summary>
    /// <param name="dryRun">Runs one subject.</param>
    /// <param name="replayId">The replay.</param>
    /// <param name="maxSteps">The most dead letters to look at in each subject.</param>
    /// <param name="pageSize">Subjects, 1 to 500.</param>
    /// <param name="continuation">Where the page before ended; <see langword="null"/> for the first one.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="StoreUnavailableException">A store is unavailable; running it again is safe.</exception>
    public Task<(IReadOnlyList<PlannedDryRun> Items, string? Continuation)> DryRunAsync(
        DryRun dryRun, string replayId, int maxSteps, int pageSize, string? continuation, CancellationToken cancellationToken) =>
        _dryRuns.RunAsync(dryRun, replayId, maxSteps, pageSize, continuation, cancellationToken);

    /// <summary>Finds what the change feed missed: continues with every replay that is being applied or stopped. One query where there is none.</summary>
    public Task SweepAsync(CancellationToken cancellationToken) => _progress.SweepAsync(cancellationToken);

    /// <summary>Takes note that subjects are over, and starts the next ones.</summary>
    internal async Task OnDoneAsync(IReadOnlyCollection<SubjectReplayRecord> over, CancellationToken cancellationToken)
    {
        foreach (var plan in over.GroupBy(r => r.Plan!, StringComparer.Ordinal))
        {
            try
            {
                // The feed may tell of one more than once.
                await _progress.AdvanceAsync(plan.Key, [.. plan.DistinctBy(r => r.SubjectNumber).Select(r => SubjectReplays.EndOf(r)!.Value)], cancellationToken);
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                _log.LogError(e, "Replay {Replay} could not go on; the sweep will try again.", plan.Key);
            }
        }
    }

    private async Task<Refusable<ReplaySummary>> GetAsync(string replayId, CancellationToken cancellationToken) =>
        await FindAsync(replayId, cancellationToken) is { } found ? found : Refusable<ReplaySummary>.Refused(ReplayRecords.NotFound(replayId));
}

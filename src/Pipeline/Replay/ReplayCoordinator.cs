using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.Logging;
using Pipeline.Consumers;
using Pipeline.Storage;

namespace Pipeline.Replay;

/// <summary>
/// Replays as documents: planned (the selection is frozen), applied at a rate, watched, stopped. Nothing here waits or
/// holds a replay in memory: the subjects drive themselves by the change feed, and each one that ends starts the next.
/// </summary>
public sealed class ReplayCoordinator
{
    private const int MaxGroups = 20;
    private const int LanesPerCommit = 90;
    private const int DryRunsAtOnce = 4;

    /// <summary>A plan and its subjects are kept for 90 days: what is started must be able to come to its end.</summary>
    private static readonly TimeSpan MaxPlanAge = TimeSpan.FromDays(30);

    private readonly PartitionStore _plans;
    private readonly IReadOnlyCollection<PartitionStore> _stores;
    private readonly Dictionary<string, Consumer> _consumers;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;
    private readonly SubjectReplays _lanes;
    private readonly ReplayProgress _steps;

    /// <summary>Creates the replays.</summary>
    /// <param name="plans">The container that holds the plans; partition key <c>/pk</c>, time to live on without a default.</param>
    /// <param name="stores">The containers of the services.</param>
    /// <param name="consumers">All consumers.</param>
    /// <param name="clock">The time.</param>
    /// <param name="log">Tells what was planned, applied and stopped.</param>
    public ReplayCoordinator(
        PartitionStore plans, IReadOnlyCollection<PartitionStore> stores, IEnumerable<Consumer> consumers, TimeProvider clock, ILogger<ReplayCoordinator> log)
    {
        _plans = plans;
        _stores = stores;
        _consumers = consumers.ToDictionary(c => c.Name, StringComparer.Ordinal);
        _clock = clock;
        _log = log;
        _lanes = new SubjectReplays(stores.ToDictionary(s => s.Name, StringComparer.Ordinal), _consumers, clock);
        _steps = new ReplayProgress(plans, _lanes, clock, log);
    }

    /// <summary>Freezes a selection. Nothing is sent.</summary>
    /// <exception cref="ReplayRefusedException">Nothing of the selection can be replayed, or it has too many subjects.</exception>
    /// <exception cref="StoreUnavailableException">A container is out of reach; planning again is safe.</exception>
    public async Task<ReplaySummary> PlanAsync(ReplayRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var now = _clock.GetUtcNow();
        var filter = request.Selection with { Open = true };
        if (filter.Consumer is { } name && !_consumers.ContainsKey(name))
            throw new ReplayRefusedException($"There is no consumer '{name}'; there are {string.Join(", ", _consumers.Keys.Order(StringComparer.Ordinal))}.");
        var selection = new ReplaySelection(_consumers);
        foreach (var store in _stores.Where(s => filter.Consumer is null || _consumers[filter.Consumer].Service == s.Name))
            await selection.AddAsync(store, filter, cancellationToken);
        var heads = await selection.HeadsAsync(cancellationToken);
        if (heads.Count == 0)
            throw new ReplayRefusedException(WhyNothing(selection));

        var plan = new ReplayRecord
        {
            ReplayId = IdAt(now, request),
            Status = ReplayStatus.Planning,
            Selection = filter,
            By = request.By,
            Why = request.Why,
            Rate = Math.Clamp(request.Rate, ReplayRequest.MinRate, ReplayRequest.MaxRate),
            MaxFailed = request.MaxFailed,
            CreatedAt = now,
            Subjects = heads.Count,
            Entries = request.Only ? heads.Count : heads.Sum(h => (long)h.Waiting),
            Longest = request.Only ? 1 : heads.Max(h => h.Waiting),
            Groups = GroupsOf(heads),
            Left = new ReplayExclusions(selection.BehindOthers, selection.NeverReplayed),
        };
        await WriteAsync(plan, heads, request.Only, cancellationToken);
        _log.LogInformation("Replay {Replay} was planned by {By}: {Subjects} subjects, {Entries} messages.", plan.ReplayId, plan.By ?? "somebody", plan.Subjects, plan.Entries);
        return await GetAsync(plan.ReplayId, cancellationToken);
    }

    /// <summary>Starts what was planned. Asked again, it says where it stands.</summary>
    /// <exception cref="ReplayRefusedException">There is no such plan, it was stopped, or it is older than 30 days.</exception>
    /// <exception cref="StoreUnavailableException">A container is out of reach; applying again is safe.</exception>
    public async Task<ReplaySummary> ApplyAsync(string replayId, CancellationToken cancellationToken)
    {
        await _steps.ChangeAsync(
            replayId,
            plan =>
            {
                switch (plan.Status)
                {
                    case ReplayStatus.Planned when _clock.GetUtcNow() - plan.CreatedAt > MaxPlanAge:
                        throw new ReplayRefusedException(string.Create(CultureInfo.InvariantCulture,
                            $"'{replayId}' was planned at {plan.CreatedAt:u}; a plan is applied within {MaxPlanAge.Days} days. Plan again."));
                    case ReplayStatus.Planned:
                        plan.Status = ReplayStatus.Applying;
                        plan.StartedAt = _clock.GetUtcNow();
                        plan.Slots = Math.Clamp((plan.Rate + 1) / 2, 1, Math.Min(ReplayProgress.MaxSlots, plan.Subjects));
                        return true;
                    case ReplayStatus.Planning:
                        throw new ReplayRefusedException($"'{replayId}' was not planned to its end. Plan again.");
                    case ReplayStatus.Stopping or ReplayStatus.Stopped:
                        throw new ReplayRefusedException($"'{replayId}' was stopped: {plan.Detail} Plan again; what it has replayed is out of the ledger.");
                    default:
                        return false;
                }
            },
            cancellationToken);
        await _steps.GoOnAsync(replayId, [], cancellationToken);
        return await GetAsync(replayId, cancellationToken);
    }

    /// <summary>Stops a replay: nothing more is sent. What the broker has of it already, one message per subject at most, is still handled.</summary>
    /// <exception cref="ReplayRefusedException">There is no such plan, or it has come to its end.</exception>
    /// <exception cref="StoreUnavailableException">A container is out of reach; stopping again is safe.</exception>
    public async Task<ReplaySummary> StopAsync(string replayId, string by, string? why, CancellationToken cancellationToken)
    {
        await _steps.ChangeAsync(
            replayId,
            plan =>
            {
                if (plan.Status is ReplayStatus.Stopping or ReplayStatus.Stopped)
                    return false;
                if (plan.Status is ReplayStatus.Completed or ReplayStatus.Failed)
                    throw new ReplayRefusedException($"'{replayId}' has come to its end: {plan.Status}.");
                plan.Status = ReplayStatus.Stopping;
                plan.Detail = $"Stopped by {by}{(why is null ? "" : ": " + why)}.";
                return true;
            },
            cancellationToken);
        await _steps.ReconcileAsync(replayId, cancellationToken);
        return await GetAsync(replayId, cancellationToken);
    }

    /// <summary>Where a replay stands; <see langword="null"/> if there is none of that id.</summary>
    public async Task<ReplaySummary?> FindAsync(string replayId, CancellationToken cancellationToken)
    {
        if (await _steps.ReadAsync(replayId, cancellationToken) is not { } plan)
            return null;
        var view = ViewOf(plan);
        if (plan.Running == 0)
            return view;
        var sent = 0L;
        foreach (var lane in await _steps.RunningAsync(replayId, cancellationToken))
            sent += (await _lanes.ReadAsync(lane, cancellationToken))?.Sent ?? 0;
        return view with { Sent = view.Sent + sent };
    }

    /// <summary>Replays, in no order, one page.</summary>
    /// <param name="pageSize">1 to 500.</param>
    /// <param name="continuation">Where the page before ended; <see langword="null"/> for the first one.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public async Task<(IReadOnlyList<ReplaySummary> Items, string? Continuation)> ListAsync(int pageSize, string? continuation, CancellationToken cancellationToken)
    {
        var query = new QueryDefinition("SELECT * FROM c WHERE c.kind = 'plan'");
        await foreach (var page in _plans.PagesAsync(query, null, continuation, Math.Clamp(pageSize, 1, 500), cancellationToken))
        {
            using (page.Document)
                return ([.. page.Items.Select(i => ViewOf(ReplayProgress.PlanOf(i)))], page.Continuation);
        }

        return ([], null);
    }

    /// <summary>The subjects of a replay, one page.</summary>
    /// <param name="replayId">The replay.</param>
    /// <param name="pageSize">1 to 500.</param>
    /// <param name="continuation">Where the page before ended; <see langword="null"/> for the first one.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public async Task<(IReadOnlyList<ReplaySubject> Items, string? Continuation)> SubjectsAsync(
        string replayId, int pageSize, string? continuation, CancellationToken cancellationToken)
    {
        var (lanes, next) = await LanesAsync(replayId, pageSize, continuation, cancellationToken);
        return ([.. lanes.Select(SubjectOf)], next);
    }

    private async Task<(IReadOnlyList<ReplaySubjectRecord> Lanes, string? Continuation)> LanesAsync(
        string replayId, int pageSize, string? continuation, CancellationToken cancellationToken)
    {
        var query = new QueryDefinition("SELECT * FROM c WHERE c.kind = 'lane'");
        await foreach (var page in _plans.PagesAsync(query, replayId, continuation, Math.Clamp(pageSize, 1, 500), cancellationToken))
        {
            using (page.Document)
                return ([.. page.Items.Select(ReplayProgress.LaneOf)], page.Continuation);
        }

        return ([], null);
    }

    /// <summary>
    /// Shows what applying a plan would do with its subjects, each by itself, as things stand; see <see cref="DryRun"/>. One
    /// page; nothing is written.
    /// </summary>
    /// <param name="dryRun">Runs one subject.</param>
    /// <param name="replayId">The replay.</param>
    /// <param name="maxSteps">The most entries to look at in each subject.</param>
    /// <param name="pageSize">Subjects, 1 to 500.</param>
    /// <param name="continuation">Where the page before ended; <see langword="null"/> for the first one.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="StoreUnavailableException">A store is out of reach; running it again is safe.</exception>
    public async Task<(IReadOnlyList<PlannedDryRun> Items, string? Continuation)> DryRunAsync(
        DryRun dryRun, string replayId, int maxSteps, int pageSize, string? continuation, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(dryRun);
        var (lanes, next) = await LanesAsync(replayId, pageSize, continuation, cancellationToken);
        var results = new PlannedDryRun[lanes.Count];
        await Parallel.ForEachAsync(
            Enumerable.Range(0, lanes.Count),
            new ParallelOptions { MaxDegreeOfParallelism = DryRunsAtOnce, CancellationToken = cancellationToken },
            async (i, token) => results[i] = await DryRunAsync(dryRun, lanes[i], maxSteps, token));
        return (results, next);
    }

    private async Task<PlannedDryRun> DryRunAsync(DryRun dryRun, ReplaySubjectRecord lane, int maxSteps, CancellationToken cancellationToken)
    {
        var start = await _lanes.LookAsync(lane, cancellationToken);
        if (start.End is { } end)
            return new PlannedDryRun(lane.Number, lane.Partition, lane.Consumer, end.Detail, null);
        try
        {
            var (store, consumer) = start.Where!.Value;
            var view = await dryRun.RunAsync(store, consumer, lane.Partition, start.Entry!, lane.Only ? 1 : maxSteps, cancellationToken);
            return new PlannedDryRun(lane.Number, lane.Partition, lane.Consumer, null, view);
        }
        catch (ReplayRefusedException refused)
        {
            return new PlannedDryRun(lane.Number, lane.Partition, lane.Consumer, refused.Message, null);
        }
    }

    /// <summary>Finds what the change feed missed: goes on with every replay that is being applied or stopped. One query where there is none.</summary>
    public Task SweepAsync(CancellationToken cancellationToken) => _steps.SweepAsync(cancellationToken);

    /// <summary>Takes note that subjects are over, and starts the next ones.</summary>
    internal async Task OnOverAsync(IReadOnlyCollection<SubjectReplayRecord> over, CancellationToken cancellationToken)
    {
        foreach (var plan in over.GroupBy(r => r.Plan!, StringComparer.Ordinal))
        {
            try
            {
                // The feed may tell of one more than once.
                await _steps.GoOnAsync(plan.Key, [.. plan.DistinctBy(r => r.Lane).Select(r => SubjectReplays.EndOf(r)!.Value)], cancellationToken);
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                _log.LogError(e, "Replay {Replay} could not go on; the sweep will try again.", plan.Key);
            }
        }
    }

    private async Task<ReplaySummary> GetAsync(string replayId, CancellationToken cancellationToken) =>
        await FindAsync(replayId, cancellationToken) ?? throw ReplayProgress.NoSuch(replayId);

    /// <summary>The plan first, then its subjects, and only then it can be applied: a plan that was cut short never is.</summary>
    private async Task WriteAsync(ReplayRecord plan, IReadOnlyList<SelectedSubject> heads, bool only, CancellationToken cancellationToken)
    {
        var first = new UnitOfWork(plan.ReplayId);
        first.CreateFirst(plan.Id, plan, ReplayJson.Default.ReplayRecord, CommitOutcome.AlreadyHandled);
        await _plans.WriteAsync(first, cancellationToken);
        for (var start = 0; start < heads.Count; start += LanesPerCommit)
        {
            var commit = new UnitOfWork(plan.ReplayId);
            for (var i = start; i < Math.Min(heads.Count, start + LanesPerCommit); i++)
            {
                var lane = LaneOf(plan, i + 1, heads[i], only);
                commit.Create(lane.Id, System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(lane, ReplayJson.Default.ReplaySubjectRecord), CommitOutcome.AlreadyHandled);
            }

            await _plans.WriteAsync(commit, cancellationToken);
        }

        // Unless it was stopped meanwhile.
        await _steps.ChangeAsync(plan.ReplayId, p => p.Status == ReplayStatus.Planning && (p.Status = ReplayStatus.Planned) is not null, cancellationToken);
    }

    private static ReplaySubjectRecord LaneOf(ReplayRecord plan, int number, SelectedSubject head, bool only) => new()
    {
        Id = ReplaySubjectRecord.IdOf(number),
        ReplayId = plan.ReplayId,
        Number = number,
        Container = head.Store.Name,
        Partition = head.Partition,
        Consumer = head.Consumer,
        Entry = head.Entry,
        Only = only,
        Position = head.Position,
        Type = head.Type,
        Reason = head.Reason,
        Waiting = only ? 1 : head.Waiting,
        Status = ReplayStatus.Planned,
    };

    /// <summary>Derived from what is asked and when, so that ids need no randomness: two requests in one tick are one request.</summary>
    internal static string IdAt(DateTimeOffset now, ReplayRequest request)
    {
        var asked = JsonSerializer.Serialize(request, ReplayJson.Default.ReplayRequest);
        var digest = SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{asked}\n{now.Ticks}")));
        return string.Create(CultureInfo.InvariantCulture, $"r{now:yyyyMMddHHmmss}-{Convert.ToHexStringLower(digest.AsSpan(0, 5))}");
    }

    private static IReadOnlyList<ReplayGroup> GroupsOf(IEnumerable<SelectedSubject> heads) =>
    [
        .. heads.GroupBy(h => h.Fingerprint, StringComparer.Ordinal)
            .Select(g => new ReplayGroup(g.Key, g.First().Summary, g.Count(), g.Sum(h => (long)h.Waiting)))
            .OrderByDescending(g => g.Subjects)
            .ThenBy(g => g.Fingerprint, StringComparer.Ordinal)
            .Take(MaxGroups),
    ];

    private static string WhyNothing(ReplaySelection selection) =>
        selection.BehindOthers > 0
            ? string.Create(CultureInfo.InvariantCulture,
                $"Nothing of it is first in its subject's line: in {selection.BehindOthers} subjects it waits behind another message. Select what blocks them; what waits goes along.")
            : selection.NeverReplayed > 0
                ? string.Create(CultureInfo.InvariantCulture,
                    $"{selection.NeverReplayed} entries match, and all are out of order or expired: nothing tells whether they were handled, so they are never replayed.")
                : "No open ledger entry matches.";

    private static ReplaySummary ViewOf(ReplayRecord plan) => new()
    {
        ReplayId = plan.ReplayId,
        Status = plan.Status,
        Detail = plan.Detail,
        Selection = plan.Selection,
        By = plan.By,
        Why = plan.Why,
        Rate = plan.Rate,
        Subjects = plan.Subjects,
        Entries = plan.Entries,
        Groups = plan.Groups,
        Left = plan.Left,
        EstimatedSeconds = Math.Round(Math.Max(plan.Entries / (double)plan.Rate, plan.Longest * 0.25), 1),
        Running = plan.Running,
        Completed = plan.Completed,
        Failed = plan.Failed,
        Skipped = plan.Skipped,
        Sent = plan.Sent,
        AlreadyHandled = plan.AlreadyHandled,
        CreatedAt = plan.CreatedAt,
        StartedAt = plan.StartedAt,
        FinishedAt = plan.FinishedAt,
    };

    private static ReplaySubject SubjectOf(ReplaySubjectRecord lane) => new(
        lane.Number, lane.Container, lane.Partition, lane.Consumer, lane.Entry, lane.Type, lane.Reason, lane.Waiting, lane.Status, lane.Detail, lane.Sent, lane.AlreadyHandled, lane.Only);
}

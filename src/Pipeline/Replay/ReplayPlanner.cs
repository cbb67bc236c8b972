using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Pipeline.Client;
using Pipeline.Consumers;
using Pipeline.DeadLetters;
using Pipeline.Storage;

namespace Pipeline.Replay;

/// <summary>Freezes a selection of dead letters as a replay that can be applied.</summary>
internal sealed class ReplayPlanner(
    CosmosPartitionStore plans,
    IReadOnlyCollection<CosmosPartitionStore> stores,
    IReadOnlyDictionary<ConsumerName, Consumer> consumers,
    ReplayRecords records,
    TimeProvider clock,
    ILogger log)
{
    private const int MaxGroups = 20;
    private const int SubjectsPerCommit = 90;

    /// <summary>Freezes a selection. Nothing is sent.</summary>
    /// <returns>The plan; refused if nothing of the selection can be replayed, or if it has too many subjects.</returns>
    /// <exception cref="StoreUnavailableException">A container is unavailable; planning again is safe.</exception>
    public async Task<Refusable<ReplayRecord>> PlanAsync(ReplayRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var now = clock.GetUtcNow();
        var filter = request.Selection with { Open = true };
        Consumer? only = null;
        if (filter.Consumer is { } name && !consumers.TryGetValue(new ConsumerName(name), out only))
            return Refusable<ReplayRecord>.Refused($"There is no consumer '{name}'; there are {string.Join(", ", consumers.Keys.Select(c => c.Value).Order(StringComparer.Ordinal))}.");
        var selection = new ReplaySelection(consumers);
        foreach (var store in stores.Where(s => only is null || only.Service == s.Name))
        {
            if (!await selection.AddAsync(store, filter, cancellationToken))
                return Refusable<ReplayRecord>.Refused($"More than {ReplaySelection.MaxSubjects} subjects have such entries. Narrow the selection, by consumer, type or time, and replay them in parts.");
        }

        var heads = await selection.HeadsAsync(cancellationToken);
        if (heads.Count == 0)
            return Refusable<ReplayRecord>.Refused(WhyNothing(selection));
        if (!heads.Any(h => consumers.ContainsKey(h.Consumer)))
            return Refusable<ReplayRecord>.Refused($"There is no consumer '{heads[0].Consumer}' any more, so nothing can handle the messages. Add it again, or discard them.");

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
        log.LogInformation("Replay {Replay} was planned by {By}: {Subjects} subjects, {Entries} messages.", plan.ReplayId, plan.By ?? "an unnamed operator", plan.Subjects, plan.Entries);
        return plan;
    }

    /// <summary>The plan first, then its subjects, and only then it can be applied: a plan that was cut short never is.</summary>
    private async Task WriteAsync(ReplayRecord plan, IReadOnlyList<SelectedSubject> heads, bool only, CancellationToken cancellationToken)
    {
        var first = new UnitOfWork(ReplayRecords.PartitionOf(plan.ReplayId));
        first.CreateGuard(plan.Id, plan, ReplayJson.Default.ReplayRecord, CommitOutcome.AlreadyExists);
        await plans.CommitAsync(first, cancellationToken);
        for (var start = 0; start < heads.Count; start += SubjectsPerCommit)
        {
            var commit = new UnitOfWork(ReplayRecords.PartitionOf(plan.ReplayId));
            for (var i = start; i < Math.Min(heads.Count, start + SubjectsPerCommit); i++)
            {
                var lane = LaneOf(plan, i + 1, heads[i], only);
                commit.Create(lane.Id, System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(lane, ReplayJson.Default.ReplaySubjectRecord), CommitOutcome.AlreadyExists);
            }

            await plans.CommitAsync(commit, cancellationToken);
        }

        // Unless it was stopped meanwhile.
        await records.ChangeAsync(
            plan.ReplayId,
            p =>
            {
                if (p.Status != ReplayStatus.Planning)
                    return ReplayChange.None;
                p.Status = ReplayStatus.Planned;
                return ReplayChange.Made;
            },
            cancellationToken);
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
                $"Nothing of it is the first of its subject: in {selection.BehindOthers} subjects it waits behind another message. Select what blocks them; what waits goes along.")
            : selection.NeverReplayed > 0
                ? string.Create(CultureInfo.InvariantCulture,
                    $"{selection.NeverReplayed} entries match, and all are out of order or expired: nothing tells whether they were handled, so they are never replayed.")
                : "No open dead letter matches.";
}

using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Pipeline.AzureFunctions.ChangeFeed;
using Pipeline.AzureFunctions.Http;
using Pipeline.Client;
using Pipeline.CloudEvents;
using Pipeline.Consumers;
using Pipeline.DeadLetters;
using Pipeline.Storage;
using static Pipeline.AzureFunctions.Http.Answers;
using static Pipeline.AzureFunctions.Http.Requests;
using static Pipeline.AzureFunctions.OperatorApi.Lists;
using static Pipeline.AzureFunctions.OperatorApi.OperatorChecks;

namespace Pipeline.AzureFunctions.OperatorApi;

/// <summary>Dead letters over HTTP: messages that consumers could not handle.</summary>
public sealed class DeadLettersApi(Stores stores, IEnumerable<Consumer> consumers, DeadLetterDiscarder discards, TimeProvider clock)
{
    private static readonly string[] Filters = ["consumer", "type", "subject", "event", "source", "reason", "fingerprint", "from", "to", "status", "id"];

    /// <summary>
    /// <c>GET /api/dead-letters?consumer=&amp;type=&amp;subject=&amp;event=&amp;source=&amp;reason=&amp;fingerprint=&amp;from=&amp;to=&amp;status=&amp;id=&amp;limit=&amp;continuation=</c>.
    /// </summary>
    [Function("list-dead-letters")]
    [ApiOperation(
        "Lists dead letters.",
        Query = ["consumer", "type", "subject", "event", "source", "reason", "fingerprint", "from", "to", "status", "id", "limit", "continuation"], Returns = typeof(Page<DeadLetterDetails>))]
    public Task<IResult> List(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "dead-letters")] HttpRequest request, CancellationToken cancellationToken) =>
        GuardAsync(request, [.. Filters, "limit", "continuation"], async () =>
        {
            if (!TryReadFilter(request, out var filter, out var refusal) || !TryReadLimit(request, 100, DeadLetterQueries.MaxPageSize, out var limit, out refusal))
                return refusal!;
            if (!TryReadPosition(request, out var index, out var continuation))
                return BadContinuation();
            var (items, next) = await PageAsync(
                stores.All, (index, continuation), limit, (store, count, from) => DeadLetterQueries.ListAsync(store, filter, count, from, cancellationToken));
            return Results.Json(new Page<DeadLetterDetails>(items, next), OperatorJson.Readable.PageDeadLetterDetails);
        });

    /// <summary><c>GET /api/dead-letters/groups</c>: by fingerprint, the largest group first; takes the filters of the list.</summary>
    [Function("list-dead-letter-groups")]
    [ApiOperation(
        "Groups dead letters by their cause, the largest group first.",
        Query = ["consumer", "type", "subject", "event", "source", "reason", "fingerprint", "from", "to", "status", "id"], Returns = typeof(DeadLetterGroupList))]
    public Task<IResult> Groups(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "dead-letters/groups")] HttpRequest request, CancellationToken cancellationToken) =>
        GuardAsync(request, Filters, async () =>
        {
            if (!TryReadFilter(request, out var filter, out var refusal))
                return refusal!;
            var asOf = clock.GetUtcNow();
            var groups = new DeadLetterGroups();
            foreach (var store in stores.All)
                await groups.AddAsync(store, filter with { To = filter.To ?? asOf }, cancellationToken);
            return Results.Json(new DeadLetterGroupList(groups.ToList(), groups.Total, groups.Ungrouped, asOf), OperatorJson.Readable.DeadLetterGroupList);
        });

    /// <summary><c>GET /api/dead-letters/{container}/{partition}/{id}</c>: one dead letter with all details, and what waits behind it.</summary>
    [Function("get-dead-letter")]
    [ApiOperation("Returns a dead letter with all that is known, and what waits behind it.", Returns = typeof(DeadLetterDetails))]
    public Task<IResult> Get(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "dead-letters/{container}/{partition}/{id}")] HttpRequest request,
        string container,
        string partition,
        string id,
        CancellationToken cancellationToken) =>
        GuardAsync(request, [], async () =>
            stores.Find(container) is { } store && await DeadLetterQueries.ShowAsync(store, new Partition(partition), new DeadLetterId(id), cancellationToken) is { } entry
                ? Results.Json(entry, OperatorJson.Readable.DeadLetterDetails)
                : NotFound($"dead letter '{id}' in '{container}/{partition}'"));

    /// <summary><c>POST /api/dead-letters/{container}/{partition}/{id}/discard</c> with <c>reason</c> and <c>by</c>: discards a message.</summary>
    [Function("discard-dead-letter")]
    [ApiOperation("Discards a dead letter for good.", Body = typeof(DiscardRequest), Returns = typeof(DeadLetterDetails))]
    public Task<IResult> Discard(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "dead-letters/{container}/{partition}/{id}/discard")] HttpRequest request,
        string container,
        string partition,
        string id,
        CancellationToken cancellationToken) =>
        GuardAsync(request, [], async () =>
        {
            var body = await ReadJsonAsync(request, OperatorJson.Readable.DiscardRequest, cancellationToken);
            if (body.IsRefused)
                return body.Refusal!;
            if (DiscardReason.Error(body.Value.Reason, body.Value.By) is { } why)
                return Problem(OperatorProblems.ActorAndReasonRequired, why);
            if (stores.Find(container) is not { } store)
                return NotFound($"container '{container}'");
            var outcome = await discards.DiscardAsync(store, new Partition(partition), new DeadLetterId(id), new DiscardReason(body.Value.Reason!, body.Value.By!), cancellationToken);
            if (outcome == DiscardOutcome.NotFound || await DeadLetterQueries.ShowAsync(store, new Partition(partition), new DeadLetterId(id), cancellationToken) is not { } entry)
                return NotFound($"dead letter '{id}' in '{container}/{partition}'");
            return outcome == DiscardOutcome.Closed
                ? Problem(OperatorProblems.DeadLetterClosed, $"Nothing was changed. The last entry of its history: {(entry.History is { Count: > 0 } history ? history[^1] : "unknown")}")
                : Results.Json(entry, OperatorJson.Readable.DeadLetterDetails);
        });

    /// <summary>
    /// <c>POST /api/dead-letters/discard</c> with <c>fingerprint</c>, <c>reason</c>, <c>by</c>, <c>count</c> and <c>before</c> as the groups
    /// showed them, optionally <c>consumer</c> and <c>limit</c>. Repeat the same request until none remains.
    /// </summary>
    [Function("discard-dead-letter-group")]
    [ApiOperation("Discards a group of dead letters, one step at a time.", Body = typeof(DiscardGroupRequest), Returns = typeof(GroupDiscard))]
    public Task<IResult> DiscardGroup(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "dead-letters/discard")] HttpRequest request, CancellationToken cancellationToken) =>
        GuardAsync(request, [], async () =>
        {
            var body = await ReadJsonAsync(request, OperatorJson.Readable.DiscardGroupRequest, cancellationToken);
            if (body.IsRefused)
                return body.Refusal!;
            var wanted = body.Value;
            if (DiscardReason.Error(wanted.Reason, wanted.By) is { } why)
                return Problem(OperatorProblems.ActorAndReasonRequired, why);
            if (ValidateGroup(consumers, wanted.Fingerprint, wanted.Consumer, wanted.Count, wanted.Before, wanted.Limit, DeadLetterDiscarder.MaxPerStep, "discard") is { } unusable)
                return unusable;
            var filter = new DeadLetterFilter { Fingerprint = wanted.Fingerprint, Consumer = wanted.Consumer, To = wanted.Before };
            var done = await discards.DiscardGroupAsync(
                stores.All, filter, wanted.Count!.Value, wanted.Limit ?? DeadLetterDiscarder.MaxPerStep, new DiscardReason(wanted.Reason!, wanted.By!), cancellationToken);
            return done.TryGet(out var step, out var refusal)
                ? Results.Json(step, OperatorJson.Readable.GroupDiscard)
                : Problem(OperatorProblems.GroupGrown, $"{refusal} Nothing was discarded: read the group again and confirm its count.");
        });

    private bool TryReadFilter(HttpRequest request, out DeadLetterFilter filter, out IResult? refusal)
    {
        filter = new DeadLetterFilter();
        refusal = null;
        var status = Query(request, "status") ?? "open";
        if (status is not ("open" or "waitingForRetry" or "closed" or "discarded" or "all"))
            refusal = Problem(OperatorProblems.StatusUnknown, $"'{status}' is not a status; use open (messages that wait for a retry included), waitingForRetry, closed, discarded or all.");
        else if (HiddenIn(request, "id", "subject", "type", "reason") is { } hidden)
            refusal = hidden;
        else
            refusal = ValidateConsumer(consumers, Query(request, "consumer")) ?? ValidateFingerprint(Query(request, "fingerprint"));
        if (refusal is not null || !TryReadTime(request, "from", out var from, out refusal) || !TryReadTime(request, "to", out var to, out refusal))
            return false;
        filter = new DeadLetterFilter
        {
            Id = Query(request, "id"),
            Consumer = Query(request, "consumer"),
            Partition = Query(request, "subject"),
            Type = Query(request, "type"),
            EventId = Query(request, "event"),
            Source = Query(request, "source"),
            Reason = Query(request, "reason"),
            Fingerprint = Query(request, "fingerprint"),
            From = from,
            To = to,
            Open = status == "all" ? null : status is "open" or "waitingForRetry",
            WaitingForRetry = status == "waitingForRetry",
            Discarded = status == "discarded",
        };
        return true;
    }

    private static bool TryReadTime(HttpRequest request, string name, out DateTimeOffset? time, out IResult? refusal)
    {
        (time, refusal) = (null, null);
        if (Query(request, name) is not { } text)
            return true;
        if (Rfc3339.TryReadDateOrTime(text, out var value))
        {
            time = value;
            return true;
        }

        refusal = Problem(ProblemTypes.TimeInvalid, $"'{name}' is '{Shown(text)}', not {Rfc3339.DateOrTimeExpected} (write '+' as %2B in an address).");
        return false;
    }
}

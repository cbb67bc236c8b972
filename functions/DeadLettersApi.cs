using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Pipeline.Consumers;
using Pipeline.Ledger;
using static Pipeline.Functions.Lists;
using static Pipeline.Functions.Requests;

namespace Pipeline.Functions;

/// <summary>The ledger over HTTP: what consumers could not handle.</summary>
public sealed class DeadLettersApi(Stores stores, IEnumerable<Consumer> consumers, TimeProvider clock)
{
    /// <summary>
    /// <c>GET /api/dead-letters?consumer=&amp;type=&amp;subject=&amp;reason=&amp;fingerprint=&amp;from=&amp;to=&amp;status=&amp;id=&amp;limit=&amp;continuation=</c>.
    /// </summary>
    [Function("list-dead-letters")]
    public Task<IResult> List(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "dead-letters")] HttpRequest request, CancellationToken cancellationToken) =>
        GuardAsync(request, async () =>
        {
            if (!TryReadFilter(request, out var filter, out var refusal) || !TryReadLimit(request, 100, DeadLetters.MaxPageSize, out var limit, out refusal))
                return refusal!;
            if (!TryReadPosition(request, out var index, out var continuation))
                return BadContinuation();
            var (items, next) = await PageAsync(
                stores.All, (index, continuation), limit, (store, count, from) => DeadLetters.ListAsync(store, filter, count, from, cancellationToken));
            return Results.Json(new DeadLetterPage(items, next), ApiJson.Default.DeadLetterPage);
        });

    /// <summary><c>GET /api/dead-letters/groups</c>: by fingerprint, the largest group first; takes the filters of the list.</summary>
    [Function("list-dead-letter-groups")]
    public Task<IResult> Groups(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "dead-letters/groups")] HttpRequest request, CancellationToken cancellationToken) =>
        GuardAsync(request, async () =>
        {
            if (!TryReadFilter(request, out var filter, out var refusal))
                return refusal!;
            var asOf = clock.GetUtcNow();
            var groups = new DeadLetterGroups();
            foreach (var store in stores.All)
                await groups.AddAsync(store, filter with { To = filter.To ?? asOf }, cancellationToken);
            return Results.Json(new DeadLetterGroupsBody(groups.ToList(), groups.Total, groups.Ungrouped, asOf), ApiJson.Default.DeadLetterGroupsBody);
        });

    /// <summary><c>GET /api/dead-letters/{container}/{partition}/{id}</c>: one entry with body and history.</summary>
    [Function("get-dead-letter")]
    public Task<IResult> Get(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "dead-letters/{container}/{partition}/{id}")] HttpRequest request,
        string container,
        string partition,
        string id,
        CancellationToken cancellationToken) =>
        GuardAsync(request, async () =>
            stores.Find(container) is { } store && await DeadLetters.FindAsync(store, partition, id, cancellationToken) is { } entry
                ? Results.Json(entry, ApiJson.Default.DeadLetterView)
                : NotFound($"ledger entry '{id}' in '{container}/{partition}'"));

    private bool TryReadFilter(HttpRequest request, out LedgerFilter filter, out IResult? refusal)
    {
        filter = new LedgerFilter();
        refusal = null;
        var status = Query(request, "status") ?? "open";
        if (status is not ("open" or "closed" or "all"))
            refusal = Problem(400, "Unknown status", $"'{status}' is not a status; use open, closed or all.");
        else if (Query(request, "consumer") is { } name && consumers.All(c => c.Name != name))
            refusal = Problem(400, "Unknown consumer", $"'{name}' is not a consumer; there are {string.Join(", ", consumers.Select(c => c.Name))}.");
        else if (Query(request, "fingerprint") is { } print && !Fingerprint.IsFingerprint(print))
            refusal = Problem(400, "Unusable fingerprint", $"A fingerprint is 12 hexadecimal digits in lower case, or '{Fingerprint.Unknown}'.");
        if (refusal is not null || !TryReadTime(request, "from", out var from, out refusal) || !TryReadTime(request, "to", out var to, out refusal))
            return false;
        filter = new LedgerFilter
        {
            Id = Query(request, "id"),
            Consumer = Query(request, "consumer"),
            Partition = Query(request, "subject"),
            Type = Query(request, "type"),
            Reason = Query(request, "reason"),
            Fingerprint = Query(request, "fingerprint"),
            From = from,
            To = to,
            Open = status == "all" ? null : status == "open",
        };
        return true;
    }

    private static bool TryReadTime(HttpRequest request, string name, out DateTimeOffset? time, out IResult? refusal)
    {
        (time, refusal) = (null, null);
        if (Query(request, name) is not { } text)
            return true;
        if (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var value))
        {
            time = value;
            return true;
        }

        refusal = Problem(400, "Unusable time", $"'{name}' must be a time in ISO 8601, such as 2026-01-31T08:00:00Z ('+' is written %2B in an address).");
        return false;
    }
}

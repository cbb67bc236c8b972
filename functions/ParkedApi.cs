using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Pipeline.DeadLetters;
using Pipeline.Messages;
using Pipeline.Outbox;
using Pipeline.Storage;
using static Pipeline.Functions.Lists;
using static Pipeline.Functions.Requests;

namespace Pipeline.Functions;

/// <summary>Parked outbox records over HTTP: what the relay cannot publish.</summary>
public sealed class ParkedApi(Stores stores, TimeProvider clock)
{
    /// <summary>
    /// <c>GET /api/parked?status=&amp;reason=&amp;type=&amp;limit=&amp;continuation=</c>: outbox records that cannot be published, with what waits
    /// behind them; <c>status=discarded</c>: those that were given up.
    /// </summary>
    [Function("list-parked")]
    [ApiOperation(
        "Lists quarantined outbox messages, or those that were discarded.",
        Query = ["status", "reason", "type", "limit", "continuation"], Returns = typeof(ParkedPage))]
    public Task<IResult> List([HttpTrigger(AuthorizationLevel.Function, "get", Route = "parked")] HttpRequest request, CancellationToken cancellationToken) =>
        GuardAsync(request, ["status", "reason", "type", "limit", "continuation"], async () =>
        {
            var status = Query(request, "status") ?? "parked";
            if (status is not ("parked" or "discarded"))
                return Problem(400, "Unknown status", $"'{status}' is not a status; use parked or discarded.");
            if (HiddenIn(request, "reason", "type") is { } hidden)
                return hidden;
            if (!TryReadLimit(request, 100, QuarantinedMessages.MaxPageSize, out var limit, out var refusal))
                return refusal!;
            if (!TryReadPosition(request, out var index, out var continuation))
                return BadContinuation();
            var filter = new QuarantineFilter { Reason = Query(request, "reason"), Type = Query(request, "type") };
            var (items, next) = await PageAsync(
                stores.All, (index, continuation), limit,
                (store, count, from) => QuarantinedMessages.ListAsync(store, filter, status == "discarded", count, from, cancellationToken));
            return Results.Json(new ParkedPage(items, next), ApiJson.Readable.ParkedPage);
        });

    /// <summary><c>POST /api/parked/{container}/{partition}/{number}/resume</c>: try to publish it again.</summary>
    [Function("resume-parked")]
    [ApiOperation("Tries again to publish a quarantined outbox message.", Statuses = [202])]
    public Task<IResult> Resume(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "parked/{container}/{partition}/{number}/resume")] HttpRequest request,
        string container,
        string partition,
        string number,
        CancellationToken cancellationToken) =>
        GuardAsync(request, [], async () =>
            Find(container, partition, number) is { } parked && await QuarantinedMessages.ResumeAsync(parked.Store, partition, parked.Number, cancellationToken)
                ? Results.StatusCode(202)
                : NotFound($"parked record {number} in '{container}/{partition}'"));

    /// <summary>
    /// <c>POST /api/parked/resume</c> with part of a <c>reason</c>, a <c>type</c> or both, perhaps <c>before</c> and <c>limit</c>: lets a group go.
    /// While the answer says <c>more</c>, repeat it with the answer's <c>before</c>.
    /// </summary>
    [Function("resume-parked-group")]
    [ApiOperation(
        "Tries again to publish a group of quarantined outbox messages.",
        Body = typeof(ResumeGroupBody), Returns = typeof(ResumedBody), Statuses = [202])]
    public Task<IResult> ResumeGroup(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "parked/resume")] HttpRequest request, CancellationToken cancellationToken) =>
        GuardAsync(request, [], async () =>
        {
            var body = await ReadJsonAsync(request, ApiJson.Readable.ResumeGroupBody, cancellationToken);
            if (body.IsRefused)
                return body.Refusal!;
            var wanted = body.Value;
            if (WhyHidden(("reason", wanted.Reason), ("type", wanted.Type)) is { } hidden)
                return hidden;
            if (string.IsNullOrWhiteSpace(wanted.Reason) && string.IsNullOrWhiteSpace(wanted.Type))
                return Problem(400, "Which group?", "Say part of a 'reason', or a 'type' of message, as GET /api/parked shows them.");
            if (wanted.Limit is < 1 or > QuarantinedMessages.MaxPerStep)
                return Problem(400, "Unusable limit", $"'limit' must be a whole number from 1 to {QuarantinedMessages.MaxPerStep}.");

            // What cannot be published this time either is parked later than that, so that the next step leaves it alone.
            var before = wanted.Before ?? clock.GetUtcNow();
            var filter = new QuarantineFilter { Reason = Some(wanted.Reason), Type = Some(wanted.Type), Before = before };
            var (resumed, more) = await QuarantinedMessages.ResumeGroupAsync(stores.All, filter, wanted.Limit ?? QuarantinedMessages.MaxPerStep, cancellationToken);
            return Results.Json(new ResumedBody(resumed, more, before), ApiJson.Readable.ResumedBody, statusCode: 202);
        });

    /// <summary><c>POST /api/parked/{container}/{partition}/{number}/discard</c> with <c>reason</c> and <c>by</c>: gives its messages up for good.</summary>
    [Function("discard-parked")]
    [ApiOperation("Discards a quarantined outbox message for good.", Body = typeof(DiscardBody), Statuses = [204])]
    public Task<IResult> Discard(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "parked/{container}/{partition}/{number}/discard")] HttpRequest request,
        string container,
        string partition,
        string number,
        CancellationToken cancellationToken) =>
        GuardAsync(request, [], async () =>
        {
            var body = await ReadJsonAsync(request, ApiJson.Readable.DiscardBody, cancellationToken);
            if (body.IsRefused)
                return body.Refusal!;
            if (DiscardRequest.Error(body.Value.Reason, body.Value.By) is { } why)
                return Problem(400, "Who and why?", why);
            if (Find(container, partition, number) is not { } parked)
                return NotFound($"parked record {number} in '{container}/{partition}'");
            try
            {
                var what = new DiscardRequest(body.Value.Reason!, body.Value.By!);
                return await QuarantinedMessages.DiscardAsync(parked.Store, partition, parked.Number, what, clock.GetUtcNow(), cancellationToken) switch
                {
                    DiscardOutcome.NotFound => NotFound($"parked record {number} in '{container}/{partition}'"),
                    DiscardOutcome.Closed => Problem(409, "The record was discarded before", "By somebody else, or for another reason: GET /api/parked?status=discarded tells. Nothing was changed."),
                    _ => Results.StatusCode(204),
                };
            }
            catch (CommitTooLargeException e)
            {
                return Problem(409, "The record is too large to be kept", $"Nothing was changed: {e.Message}");
            }
        });

    private (PartitionStore Store, long Number)? Find(string container, string partition, string number) =>
        stores.Find(container) is { } store
        && Ids.PartitionError(partition) is null
        && long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var first)
            ? (store, first)
            : null;

    private static string? Some(string? text) => string.IsNullOrWhiteSpace(text) ? null : text;
}

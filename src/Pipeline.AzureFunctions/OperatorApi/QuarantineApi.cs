using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Pipeline.AzureFunctions.ChangeFeed;
using Pipeline.AzureFunctions.Http;
using Pipeline.Client;
using Pipeline.DeadLetters;
using Pipeline.Messages;
using Pipeline.Outbox;
using Pipeline.Storage;
using static Pipeline.AzureFunctions.Http.Answers;
using static Pipeline.AzureFunctions.Http.Requests;
using static Pipeline.AzureFunctions.OperatorApi.Lists;

namespace Pipeline.AzureFunctions.OperatorApi;

/// <summary>Quarantined outbox messages over HTTP: those that the relay cannot publish.</summary>
public sealed class QuarantineApi(Stores stores, TimeProvider clock)
{
    /// <summary>
    /// <c>GET /api/outbox/quarantined?status=&amp;reason=&amp;type=&amp;limit=&amp;continuation=</c>: outbox messages that cannot be
    /// published, with what waits behind them; <c>status=discarded</c>: those that were discarded.
    /// </summary>
    [Function("list-quarantined")]
    [ApiOperation(
        "Lists quarantined outbox messages, or those that were discarded.",
        Query = ["status", "reason", "type", "limit", "continuation"], Returns = typeof(Page<QuarantinedMessageSummary>))]
    public Task<IResult> List([HttpTrigger(AuthorizationLevel.Function, "get", Route = "outbox/quarantined")] HttpRequest request, CancellationToken cancellationToken) =>
        GuardAsync(request, ["status", "reason", "type", "limit", "continuation"], async () =>
        {
            var status = Query(request, "status") ?? "quarantined";
            if (status is not ("quarantined" or "discarded"))
                return Problem(OperatorProblems.StatusUnknown, $"'{status}' is not a status; use quarantined or discarded.");
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
            return Results.Json(new Page<QuarantinedMessageSummary>(items, next), OperatorJson.Readable.PageQuarantinedMessageSummary);
        });

    /// <summary><c>POST /api/outbox/quarantined/{container}/{partition}/{number}/release</c>: publishes it again.</summary>
    [Function("release-quarantined")]
    [ApiOperation("Tries again to publish a quarantined outbox message.", Statuses = [202])]
    public Task<IResult> Release(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "outbox/quarantined/{container}/{partition}/{number}/release")] HttpRequest request,
        string container,
        string partition,
        string number,
        CancellationToken cancellationToken) =>
        GuardAsync(request, [], async () =>
            Find(container, partition, number) is { } quarantined && await QuarantinedMessages.ReleaseAsync(quarantined.Store, quarantined.Partition, quarantined.Number, cancellationToken)
                ? Results.StatusCode(202)
                : NotFound($"quarantined outbox message {number} in '{container}/{partition}'"));

    /// <summary>
    /// <c>POST /api/outbox/quarantined/release</c> with part of a <c>reason</c>, a <c>type</c> or both, optionally <c>before</c> and <c>limit</c>: releases a
    /// group. While the answer has <c>more</c>, repeat the request with the answer's <c>before</c>.
    /// </summary>
    [Function("release-quarantined-group")]
    [ApiOperation(
        "Tries again to publish a group of quarantined outbox messages.",
        Body = typeof(ReleaseGroupRequest), Returns = typeof(ReleasedGroup), Statuses = [202])]
    public Task<IResult> ReleaseGroup(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "outbox/quarantined/release")] HttpRequest request, CancellationToken cancellationToken) =>
        GuardAsync(request, [], async () =>
        {
            var body = await ReadJsonAsync(request, OperatorJson.Readable.ReleaseGroupRequest, cancellationToken);
            if (body.IsRefused)
                return body.Refusal!;
            var wanted = body.Value;
            if (ValidateTexts(("reason", wanted.Reason), ("type", wanted.Type)) is { } hidden)
                return hidden;
            if (string.IsNullOrWhiteSpace(wanted.Reason) && string.IsNullOrWhiteSpace(wanted.Type))
                return Problem(OperatorProblems.GroupRequired, "Send part of a 'reason' or a 'type' of message, as GET /api/outbox/quarantined shows them.");
            if (wanted.Limit is < 1 or > QuarantinedMessages.MaxPerStep)
                return Problem(ProblemTypes.NumberOutOfRange, $"'limit' must be a whole number from 1 to {QuarantinedMessages.MaxPerStep}.");

            // A message that fails again is quarantined after this time, so the next step does not release it again.
            var before = wanted.Before ?? clock.GetUtcNow();
            var filter = new QuarantineFilter { Reason = Some(wanted.Reason), Type = Some(wanted.Type), Before = before };
            var (released, more) = await QuarantinedMessages.ReleaseGroupAsync(stores.All, filter, wanted.Limit ?? QuarantinedMessages.MaxPerStep, cancellationToken);
            return Results.Json(new ReleasedGroup(released, more, before), OperatorJson.Readable.ReleasedGroup, statusCode: 202);
        });

    /// <summary><c>POST /api/outbox/quarantined/{container}/{partition}/{number}/discard</c> with <c>reason</c> and <c>by</c>: discards its messages.</summary>
    [Function("discard-quarantined")]
    [ApiOperation("Discards a quarantined outbox message for good.", Body = typeof(DiscardRequest), Statuses = [204])]
    public Task<IResult> Discard(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "outbox/quarantined/{container}/{partition}/{number}/discard")] HttpRequest request,
        string container,
        string partition,
        string number,
        CancellationToken cancellationToken) =>
        GuardAsync(request, [], async () =>
        {
            var body = await ReadJsonAsync(request, OperatorJson.Readable.DiscardRequest, cancellationToken);
            if (body.IsRefused)
                return body.Refusal!;
            if (DiscardReason.Error(body.Value.Reason, body.Value.By) is { } why)
                return Problem(OperatorProblems.ActorAndReasonRequired, why);
            if (Find(container, partition, number) is not { } quarantined)
                return NotFound($"quarantined outbox message {number} in '{container}/{partition}'");
            try
            {
                var what = new DiscardReason(body.Value.Reason!, body.Value.By!);
                return await QuarantinedMessages.DiscardAsync(quarantined.Store, quarantined.Partition, quarantined.Number, what, clock.GetUtcNow(), cancellationToken) switch
                {
                    DiscardOutcome.NotFound => NotFound($"quarantined outbox message {number} in '{container}/{partition}'"),
                    DiscardOutcome.Closed => Problem(OperatorProblems.OutboxMessageDiscarded, "It was discarded before with another actor or reason; GET /api/outbox/quarantined?status=discarded shows them. Nothing was changed."),
                    _ => Results.StatusCode(204),
                };
            }
            catch (CommitTooLargeException e)
            {
                return Problem(OperatorProblems.OutboxMessageTooLarge, $"Nothing was changed: {e.Message}");
            }
        });

    private (CosmosPartitionStore Store, Partition Partition, long Number)? Find(string container, string partition, string number) =>
        stores.Find(container) is { } store
        && Ids.PartitionError(partition) is null
        && long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var first)
            ? (store, new Partition(partition), first)
            : null;

    private static string? Some(string? text) => string.IsNullOrWhiteSpace(text) ? null : text;
}

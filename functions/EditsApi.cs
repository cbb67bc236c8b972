using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Pipeline.Consumers;
using Pipeline.DeadLetters;
using Pipeline.Replay;
using static Pipeline.Functions.Lists;
using static Pipeline.Functions.Requests;

namespace Pipeline.Functions;

/// <summary>Before a replay: what it would do, and what has to be changed so that it can succeed.</summary>
public sealed class EditsApi(Stores stores, IEnumerable<Consumer> consumers, DryRun dryRun, DeadLetterEditor edits)
{
    /// <summary>Largest request body, in bytes: a replacement may be as large as the data of a message.</summary>
    private const int MaxBodyBytes = 512 * 1024;

    /// <summary><c>POST /api/dead-letters/{container}/{partition}/{id}/dry-run?steps=</c>: what the replay of the subject would do, from its blocked entry on.</summary>
    [Function("dry-run-dead-letter")]
    [ApiOperation(
        "Returns what a replay of the subject would do, and changes nothing.",
        Query = ["steps"], Returns = typeof(DryRunDetails))]
    public Task<IResult> DryRunOne(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "dead-letters/{container}/{partition}/{id}/dry-run")] HttpRequest request,
        string container,
        string partition,
        string id,
        CancellationToken cancellationToken) =>
        GuardAsync(request, ["steps"], async () =>
        {
            if (!TryReadNumber(request, "steps", DryRun.DefaultSteps, DryRun.MaxSteps, out var steps, out var refusal))
                return refusal!;
            if (stores.Find(container) is not { } store || await DeadLetterQueries.FindAsync(store, partition, id, cancellationToken) is not { } entry)
                return NotFound($"ledger entry '{id}' in '{container}/{partition}'");
            if (consumers.FirstOrDefault(c => c.Name == entry.Consumer) is not { } consumer)
                return Problem(409, "Nothing to run", $"There is no consumer '{entry.Consumer}' any more.");
            try
            {
                return Results.Json(await dryRun.RunAsync(store, consumer, partition, id, steps, cancellationToken), ApiJson.Readable.DryRunDetails);
            }
            catch (ReplayRefusedException refused)
            {
                return Problem(409, "There is nothing to run here", refused.Message);
            }
        });

    /// <summary>
    /// <c>POST /api/dead-letters/{container}/{partition}/{id}/edit</c> with <c>patch</c> (JSON Patch, RFC 6902, of the event's data) or
    /// <c>replacement</c>, <c>why</c>, <c>by</c>, and perhaps <c>from</c>, the number of edits that the caller has seen.
    /// </summary>
    [Function("edit-dead-letter")]
    [ApiOperation("Edits the event's data of a dead letter.", Body = typeof(EditBody), Returns = typeof(DeadLetterDetails))]
    public Task<IResult> Edit(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "dead-letters/{container}/{partition}/{id}/edit")] HttpRequest request,
        string container,
        string partition,
        string id,
        CancellationToken cancellationToken) =>
        GuardAsync(request, [], async () =>
        {
            var body = await ReadJsonAsync(request, ApiJson.Readable.EditBody, cancellationToken, MaxBodyBytes);
            if (body.IsRefused)
                return body.Refusal!;
            if (EditRequest.Create(body.Value.Patch, body.Value.Replacement, body.Value.Why, body.Value.By, body.Value.From, out var wrong) is not { } what)
                return Problem(400, "The edit is not complete", wrong!);
            if (stores.Find(container) is not { } store)
                return NotFound($"container '{container}'");
            var result = await edits.EditAsync(store, partition, id, what, cancellationToken);
            return result.Outcome switch
            {
                EditOutcome.Edited or EditOutcome.AlreadyEdited when await DeadLetterQueries.ShowAsync(store, partition, id, cancellationToken) is { } entry =>
                    Results.Json(entry, ApiJson.Readable.DeadLetterDetails),
                EditOutcome.Refused => Problem(422, "The edit was refused", $"Nothing was changed. {result.Reason}", ErrorsOf(result)),
                EditOutcome.Conflict => Problem(409, "It cannot be edited now", $"Nothing was changed. {result.Reason}"),
                _ => NotFound($"ledger entry '{id}' in '{container}/{partition}'"),
            };
        });

    /// <summary>
    /// <c>POST /api/dead-letters/edit</c> with <c>fingerprint</c>, <c>patch</c>, <c>why</c>, <c>by</c>, <c>count</c> and <c>before</c> as the
    /// groups showed them, perhaps <c>consumer</c> and <c>limit</c>. It goes on with the <c>continuation</c> of the answer until there is none.
    /// </summary>
    [Function("edit-dead-letter-group")]
    [ApiOperation("Edits a group of dead letters, one step at a time.", Body = typeof(EditGroupBody), Returns = typeof(GroupEdit))]
    public Task<IResult> EditGroup(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "dead-letters/edit")] HttpRequest request, CancellationToken cancellationToken) =>
        GuardAsync(request, [], async () =>
        {
            var body = await ReadJsonAsync(request, ApiJson.Readable.EditGroupBody, cancellationToken, MaxBodyBytes);
            if (body.IsRefused)
                return body.Refusal!;
            var wanted = body.Value;
            if (WhyUnusable(wanted, out var what) is { } unusable)
                return unusable;
            if (!TryReadPosition(wanted.Continuation, out var index, out var continuation) || index >= stores.All.Count)
                return BadContinuation();
            var filter = new DeadLetterFilter { Fingerprint = wanted.Fingerprint, Consumer = wanted.Consumer, To = wanted.Before };
            try
            {
                if (wanted.Continuation is null)
                    await DeadLetterEditor.ConfirmAsync(stores.All, filter, wanted.Count!.Value, cancellationToken);
            }
            catch (GroupGrownException grown)
            {
                return Problem(409, "The group has grown", $"{grown.Message} Nothing was edited: look at it again and confirm its count.");
            }

            var step = await edits.EditGroupAsync(
                stores.All.ElementAt(index), filter, continuation, wanted.Limit ?? DeadLetterEditor.MaxPerStep, what!, cancellationToken);
            return Results.Json(step with { Continuation = PositionOf(stores.All.Count, index, step.Continuation) }, ApiJson.Readable.GroupEdit);
        });

    /// <summary>
    /// <c>POST /api/dead-letters/edit-event</c> with <c>eventId</c>, <c>patch</c> or <c>replacement</c>, <c>why</c>, <c>by</c>, and perhaps
    /// <c>source</c>: the same edit of all open entries of one event, at all consumers. The answer says what became of each.
    /// </summary>
    [Function("edit-event")]
    [ApiOperation("Edits all open dead letters of one event, at all consumers.", Body = typeof(EditEventBody), Returns = typeof(EventEdit))]
    public Task<IResult> EditEvent(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "dead-letters/edit-event")] HttpRequest request, CancellationToken cancellationToken) =>
        GuardAsync(request, [], async () =>
        {
            var body = await ReadJsonAsync(request, ApiJson.Readable.EditEventBody, cancellationToken, MaxBodyBytes);
            if (body.IsRefused)
                return body.Refusal!;
            var wanted = body.Value;
            if (string.IsNullOrEmpty(wanted.EventId))
                return Problem(400, "Event missing", "'eventId' names the event: its CloudEvents id, as the list of dead letters shows it.");
            if (EditRequest.Create(wanted.Patch, wanted.Replacement, wanted.Why, wanted.By, null, out var wrong) is not { } what)
                return Problem(400, "The edit is not complete", wrong!);
            try
            {
                var done = await edits.EditEventAsync(stores.All, wanted.EventId, wanted.Source, what, cancellationToken);
                return done.Items.Count == 0
                    ? NotFound($"open dead letter of the event '{wanted.EventId}'{(wanted.Source is { } source ? $" of '{source}'" : "")}")
                    : Results.Json(done, ApiJson.Readable.EventEdit);
            }
            catch (AmbiguousEventException ambiguous)
            {
                return Problem(409, "Which event?", $"{ambiguous.Message} Nothing was edited.");
            }
        });

    private IResult? WhyUnusable(EditGroupBody wanted, out EditRequest? what)
    {
        what = EditRequest.Create(wanted.Patch, null, wanted.Why, wanted.By, null, out var wrong);
        if (what is null)
            return Problem(400, "The edit is not complete", wanted.Patch is null ? "A group is edited with a 'patch', a JSON Patch (RFC 6902) of each event's data." : wrong!);
        if (wanted.Fingerprint is not { } print || !Fingerprint.IsFingerprint(print) || print == Fingerprint.Unknown)
            return Problem(400, "Which group?", "'fingerprint' names one, as GET /api/dead-letters/groups shows it. 'unknown' is none: those entries have not one cause, so edit them one by one.");
        if (wanted.Consumer is { } name && consumers.All(c => c.Name != name))
            return Problem(400, "Unknown consumer", $"'{name}' is not a consumer; there are {string.Join(", ", consumers.Select(c => c.Name))}.");
        if (wanted is not { Count: >= 1, Before: not null })
            return Problem(400, "What was seen?", "'count' and 'before' confirm what is meant: the group's 'count' and the 'asOf' of GET /api/dead-letters/groups.");
        return wanted.Limit is < 1 or > DeadLetterEditor.MaxPerStep
            ? Problem(400, "Unusable limit", $"'limit' must be a whole number from 1 to {DeadLetterEditor.MaxPerStep}.")
            : null;
    }

    private static Dictionary<string, string[]>? ErrorsOf(EditResult result) =>
        result.Path is { } path ? new(StringComparer.Ordinal) { [path] = ["breaks the contract"] } : null;
}

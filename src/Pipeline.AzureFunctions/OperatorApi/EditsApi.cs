using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Pipeline.AzureFunctions.ChangeFeed;
using Pipeline.AzureFunctions.Http;
using Pipeline.Client;
using Pipeline.Consumers;
using Pipeline.DeadLetters;
using Pipeline.Editing;
using Pipeline.Replay;
using Pipeline.Storage;
using static Pipeline.AzureFunctions.Http.Answers;
using static Pipeline.AzureFunctions.Http.Requests;
using static Pipeline.AzureFunctions.OperatorApi.Lists;
using static Pipeline.AzureFunctions.OperatorApi.OperatorChecks;

namespace Pipeline.AzureFunctions.OperatorApi;

/// <summary>Dry runs of replays, and edits of dead letters.</summary>
public sealed class EditsApi(Stores stores, IEnumerable<Consumer> consumers, DryRun dryRun, DeadLetterEditor edits)
{
    /// <summary>Largest request body, in bytes: a replacement may be as large as the data of a message.</summary>
    private const int MaxBodyBytes = 512 * 1024;

    /// <summary><c>POST /api/dead-letters/{container}/{partition}/{id}/dry-run?steps=</c>: the effect of a replay of the subject, from its blocking dead letter on.</summary>
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
            if (stores.Find(container) is not { } store || await DeadLetterQueries.FindAsync(store, new Partition(partition), new DeadLetterId(id), cancellationToken) is not { } entry)
                return NotFound($"dead letter '{id}' in '{container}/{partition}'");
            if (consumers.FirstOrDefault(c => c.Name == entry.Consumer) is not { } consumer)
                return Problem(OperatorProblems.DryRunNotPossible, $"The consumer '{entry.Consumer}' does not exist any more.");
            return (await dryRun.RunAsync(store, consumer, new Partition(partition), new DeadLetterId(id), steps, cancellationToken)).TryGet(out var run, out var why)
                ? Results.Json(run, OperatorJson.Readable.DryRunDetails)
                : Problem(OperatorProblems.DryRunNotPossible, why);
        });

    /// <summary>
    /// <c>POST /api/dead-letters/{container}/{partition}/{id}/edit</c> with <c>patch</c> (JSON Patch, RFC 6902, of the event's data) or
    /// <c>replacement</c>, <c>why</c>, <c>by</c>, and optionally <c>from</c>, the number of edits that the caller has seen.
    /// </summary>
    [Function("edit-dead-letter")]
    [ApiOperation("Edits the event's data of a dead letter.", Body = typeof(EditRequest), Returns = typeof(DeadLetterDetails))]
    public Task<IResult> Edit(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "dead-letters/{container}/{partition}/{id}/edit")] HttpRequest request,
        string container,
        string partition,
        string id,
        CancellationToken cancellationToken) =>
        GuardAsync(request, [], async () =>
        {
            var body = await ReadJsonAsync(request, OperatorJson.Readable.EditRequest, cancellationToken, MaxBodyBytes);
            if (body.IsRefused)
                return body.Refusal!;
            if (MessageEdit.Create(body.Value.Patch, body.Value.Replacement, body.Value.Why, body.Value.By, body.Value.From, out var wrong) is not { } what)
                return Problem(OperatorProblems.EditIncomplete, wrong!);
            if (stores.Find(container) is not { } store)
                return NotFound($"container '{container}'");
            var result = await edits.EditAsync(store, new Partition(partition), new DeadLetterId(id), what, cancellationToken);
            return result.Outcome switch
            {
                EditOutcome.Edited or EditOutcome.AlreadyEdited when await DeadLetterQueries.ShowAsync(store, new Partition(partition), new DeadLetterId(id), cancellationToken) is { } entry =>
                    Results.Json(entry, OperatorJson.Readable.DeadLetterDetails),
                EditOutcome.Refused => Problem(OperatorProblems.EditRefused, $"Nothing was changed. {result.Reason}", ErrorsOf(result)),
                EditOutcome.Conflict => Problem(OperatorProblems.EditConflict, $"Nothing was changed. {result.Reason}"),
                _ => NotFound($"dead letter '{id}' in '{container}/{partition}'"),
            };
        });

    /// <summary>
    /// <c>POST /api/dead-letters/edit</c> with <c>fingerprint</c>, <c>patch</c>, <c>why</c>, <c>by</c>, <c>count</c> and <c>before</c> as the
    /// groups showed them, optionally <c>consumer</c> and <c>limit</c>. Continue with the <c>continuation</c> of the answer until there is none.
    /// </summary>
    [Function("edit-dead-letter-group")]
    [ApiOperation("Edits a group of dead letters, one step at a time.", Body = typeof(EditGroupRequest), Returns = typeof(GroupEdit))]
    public Task<IResult> EditGroup(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "dead-letters/edit")] HttpRequest request, CancellationToken cancellationToken) =>
        GuardAsync(request, [], async () =>
        {
            var body = await ReadJsonAsync(request, OperatorJson.Readable.EditGroupRequest, cancellationToken, MaxBodyBytes);
            if (body.IsRefused)
                return body.Refusal!;
            var wanted = body.Value;
            if (WhyUnusable(wanted, out var what) is { } unusable)
                return unusable;
            if (!TryReadPosition(wanted.Continuation, out var index, out var continuation) || index >= stores.All.Count)
                return BadContinuation();
            var filter = new DeadLetterFilter { Fingerprint = wanted.Fingerprint, Consumer = wanted.Consumer, To = wanted.Before };
            if (wanted.Continuation is null && await DeadLetterEditor.ConfirmAsync(stores.All, filter, wanted.Count!.Value, cancellationToken) is { } refusal)
                return Problem(OperatorProblems.GroupGrown, $"{refusal} Nothing was edited: read the group again and confirm its count.");

            var step = await edits.EditGroupAsync(
                stores.All.ElementAt(index), filter, continuation, wanted.Limit ?? DeadLetterEditor.MaxPerStep, what!, cancellationToken);
            return Results.Json(step with { Continuation = PositionOf(stores.All.Count, index, step.Continuation) }, OperatorJson.Readable.GroupEdit);
        });

    /// <summary>
    /// <c>POST /api/dead-letters/edit-event</c> with <c>eventId</c>, <c>patch</c> or <c>replacement</c>, <c>why</c>, <c>by</c>, and optionally
    /// <c>source</c>: the same edit of all open dead letters of one event, at all consumers. The answer has the result of each.
    /// </summary>
    [Function("edit-event")]
    [ApiOperation("Edits all open dead letters of one event, at all consumers.", Body = typeof(EditEventRequest), Returns = typeof(EventEdit))]
    public Task<IResult> EditEvent(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "dead-letters/edit-event")] HttpRequest request, CancellationToken cancellationToken) =>
        GuardAsync(request, [], async () =>
        {
            var body = await ReadJsonAsync(request, OperatorJson.Readable.EditEventRequest, cancellationToken, MaxBodyBytes);
            if (body.IsRefused)
                return body.Refusal!;
            var wanted = body.Value;
            if (string.IsNullOrEmpty(wanted.EventId))
                return Problem(OperatorProblems.EventIdRequired, "Send the CloudEvents id of the event in 'eventId', as the list of dead letters shows it.");
            if (MessageEdit.Create(wanted.Patch, wanted.Replacement, wanted.Why, wanted.By, null, out var wrong) is not { } what)
                return Problem(OperatorProblems.EditIncomplete, wrong!);
            if (!(await edits.EditEventAsync(stores.All, new CloudEventId(wanted.EventId), wanted.Source, what, cancellationToken)).TryGet(out var done, out var refusal))
                return Problem(OperatorProblems.EventAmbiguous, $"{refusal} Nothing was edited.");
            return done.Items.Count == 0
                ? NotFound($"open dead letter of the event '{wanted.EventId}'{(wanted.Source is { } source ? $" of '{source}'" : "")}")
                : Results.Json(done, OperatorJson.Readable.EventEdit);
        });

    private IResult? WhyUnusable(EditGroupRequest wanted, out MessageEdit? what)
    {
        what = MessageEdit.Create(wanted.Patch, null, wanted.Why, wanted.By, null, out var wrong);
        if (what is null)
            return Problem(OperatorProblems.EditIncomplete, wanted.Patch is null ? "Send a 'patch' to edit a group: a JSON Patch (RFC 6902) that is applied to the data of each event." : wrong!);
        return ValidateGroup(consumers, wanted.Fingerprint, wanted.Consumer, wanted.Count, wanted.Before, wanted.Limit, DeadLetterEditor.MaxPerStep, "edit");
    }

    private static Dictionary<string, string[]>? ErrorsOf(EditResult result) =>
        result.Path is { } path ? new(StringComparer.Ordinal) { [path] = ["violates the contract"] } : null;
}

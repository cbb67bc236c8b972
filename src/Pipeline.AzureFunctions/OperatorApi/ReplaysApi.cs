using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Pipeline.AzureFunctions.Http;
using Pipeline.Client;
using Pipeline.Consumers;
using Pipeline.DeadLetters;
using Pipeline.Replay;
using Pipeline.Storage;
using static Pipeline.AzureFunctions.Http.Answers;
using static Pipeline.AzureFunctions.Http.Requests;
using static Pipeline.AzureFunctions.OperatorApi.Lists;
using static Pipeline.AzureFunctions.OperatorApi.OperatorChecks;

namespace Pipeline.AzureFunctions.OperatorApi;

/// <summary>Replays over HTTP: plan, dry run, apply, follow, stop.</summary>
public sealed class ReplaysApi(ReplayCoordinator replays, DryRun dryRun, IEnumerable<Consumer> consumers)
{
    /// <summary>
    /// <c>POST /api/replays</c>: plans a replay of <c>entry</c> (this dead letter alone), or of all that match <c>subject</c>,
    /// <c>consumer</c>, <c>type</c>, <c>reason</c>, <c>fingerprint</c>, <c>from</c> and <c>to</c>, at <c>rate</c> messages per second. With
    /// <c>apply</c> it starts immediately.
    /// </summary>
    [Function("plan-replay")]
    [ApiOperation(
        "Plans a replay of dead letters, and starts it if asked to.",
        Body = typeof(PlanReplayRequest), Returns = typeof(ReplaySummary), Statuses = [201, 202])]
    public Task<IResult> Plan(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "replays")] HttpRequest request, CancellationToken cancellationToken) =>
        GuardAsync(request, [], async () =>
        {
            var body = await ReadJsonAsync(request, OperatorJson.Readable.PlanReplayRequest, cancellationToken);
            if (body.IsRefused)
                return body.Refusal!;
            if (WhyInvalid(body.Value) is { } refusal)
                return refusal;
            var wanted = body.Value;
            var result = await replays.PlanAsync(RequestOf(wanted), cancellationToken);
            if (wanted.Apply == true && result.Value is { } plan)
                result = await replays.ApplyAsync(plan.ReplayId, cancellationToken);
            return AnswerOf(result, wanted.Apply == true ? 202 : 201);
        });

    /// <summary><c>GET /api/replays?limit=&amp;continuation=</c>: the replays of the last 90 days, unordered.</summary>
    [Function("list-replays")]
    [ApiOperation("Lists the replays of the last 90 days, in no order.", Query = ["limit", "continuation"], Returns = typeof(Page<ReplaySummary>))]
    public Task<IResult> List(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "replays")] HttpRequest request, CancellationToken cancellationToken) =>
        PageAsync(request, async (limit, continuation) =>
        {
            var (items, next) = await replays.ListAsync(limit, continuation, cancellationToken);
            return Results.Json(new Page<ReplaySummary>(items, PositionOf(1, 0, next)), OperatorJson.Readable.PageReplaySummary);
        });

    /// <summary><c>GET /api/replays/{id}</c>.</summary>
    [Function("get-replay")]
    [ApiOperation("Returns a replay.", Returns = typeof(ReplaySummary))]
    public Task<IResult> Get(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "replays/{id}")] HttpRequest request, string id, CancellationToken cancellationToken) =>
        GuardAsync(request, [], async () => await replays.FindAsync(id, cancellationToken) is { } view
            ? Results.Json(view, OperatorJson.Readable.ReplaySummary)
            : NotFound($"replay '{id}'"));

    /// <summary><c>GET /api/replays/{id}/subjects?limit=&amp;continuation=</c>: the selected subjects with their progress.</summary>
    [Function("list-replay-subjects")]
    [ApiOperation(
        "Lists the subjects of a replay, and how far each is.",
        Query = ["limit", "continuation"], Returns = typeof(Page<ReplaySubject>))]
    public Task<IResult> Subjects(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "replays/{id}/subjects")] HttpRequest request, string id, CancellationToken cancellationToken) =>
        PageAsync(request, async (limit, continuation) =>
        {
            if (continuation is null && await replays.FindAsync(id, cancellationToken) is null)
                return NotFound($"replay '{id}'");
            var (items, next) = await replays.SubjectsAsync(id, limit, continuation, cancellationToken);
            return Results.Json(new Page<ReplaySubject>(items, PositionOf(1, 0, next)), OperatorJson.Readable.PageReplaySubject);
        });

    /// <summary>
    /// <c>POST /api/replays/{id}/dry-run?limit=&amp;steps=&amp;continuation=</c>: the effect of applying it now, some subjects at a
    /// time. Writes nothing.
    /// </summary>
    [Function("dry-run-replay")]
    [ApiOperation(
        "Returns what applying a replay would do, and changes nothing.",
        Query = ["limit", "steps", "continuation"], Returns = typeof(Page<PlannedDryRun>))]
    public Task<IResult> DryRun(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "replays/{id}/dry-run")] HttpRequest request, string id, CancellationToken cancellationToken) =>
        GuardAsync(request, ["limit", "steps", "continuation"], async () =>
        {
            if (!TryReadLimit(request, 20, 100, out var limit, out var refusal)
                || !TryReadNumber(request, "steps", Replay.DryRun.DefaultSteps, Replay.DryRun.MaxSteps, out var steps, out refusal))
                return refusal!;
            if (!TryReadPosition(request, out _, out var continuation))
                return BadContinuation();
            if (await replays.FindAsync(id, cancellationToken) is null)
                return NotFound($"replay '{id}'");
            var (results, next) = await replays.DryRunAsync(dryRun, id, steps, limit, continuation, cancellationToken);
            return Results.Json(new Page<PlannedDryRun>(results, PositionOf(1, 0, next)), OperatorJson.Readable.PagePlannedDryRun);
        });

    /// <summary><c>POST /api/replays/{id}/apply</c>: starts it. Repeated, it returns the progress.</summary>
    [Function("apply-replay")]
    [ApiOperation("Starts a planned replay, or returns how far it is.", Returns = typeof(ReplaySummary), Statuses = [202])]
    public Task<IResult> Apply(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "replays/{id}/apply")] HttpRequest request, string id, CancellationToken cancellationToken) =>
        GuardAsync(request, [], async () => await replays.FindAsync(id, cancellationToken) is null
            ? NotFound($"replay '{id}'")
            : AnswerOf(await replays.ApplyAsync(id, cancellationToken), 202));

    /// <summary><c>POST /api/replays/{id}/stop</c> with <c>by</c> and optionally <c>why</c>.</summary>
    [Function("stop-replay")]
    [ApiOperation("Stops a replay.", Body = typeof(StopReplayRequest), Returns = typeof(ReplaySummary))]
    public Task<IResult> Stop(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "replays/{id}/stop")] HttpRequest request, string id, CancellationToken cancellationToken) =>
        GuardAsync(request, [], async () =>
        {
            var body = await ReadJsonAsync(request, OperatorJson.Readable.StopReplayRequest, cancellationToken);
            if (body.IsRefused)
                return body.Refusal!;
            if (ValidateTexts(("by", body.Value.By), ("why", body.Value.Why)) is { } hidden)
                return hidden;
            if ((WhyUnusable("by", body.Value.By, DiscardReason.MaxByLength, isRequired: true) ?? WhyUnusable("why", body.Value.Why, DiscardReason.MaxReasonLength)) is { } wrong)
                return Problem(OperatorProblems.ActorRequired, wrong);
            return await replays.FindAsync(id, cancellationToken) is null
                ? NotFound($"replay '{id}'")
                : AnswerOf(await replays.StopAsync(id, body.Value.By!, body.Value.Why, cancellationToken), 200);
        });

    private IResult? WhyInvalid(PlanReplayRequest body)
    {
        if (ValidateTexts(("entry", body.Entry), ("subject", body.Subject), ("type", body.Type), ("reason", body.Reason), ("by", body.By), ("why", body.Why)) is { } hidden)
            return hidden;
        if (body is { Entry: null, Subject: null, Consumer: null, Type: null, Reason: null, Fingerprint: null, From: null, To: null })
            return Problem(OperatorProblems.ReplaySelectionRequired, "Select what to replay: an 'entry', or any of 'subject', 'consumer', 'type', 'reason', 'fingerprint', 'from' and 'to'.");
        if (body.Entry is not null && body is not { Subject: null, Type: null, Reason: null, Fingerprint: null, From: null, To: null })
            return Problem(OperatorProblems.ReplaySelectionAmbiguous, "'entry' replays this dead letter alone. To replay what waits behind it too, select its 'subject' instead.");
        if (ValidateConsumer(consumers, body.Consumer) is { } unknown)
            return unknown;
        if (body.Subject is { } subject && Ids.PartitionError(subject) is { } why)
            return Problem(OperatorProblems.SubjectInvalid, $"The subject '{subject}' {why}.");
        if (ValidateFingerprint(body.Fingerprint) is { } invalid)
            return invalid;
        if (body.Rate is < ReplayRequest.MinRate or > ReplayRequest.MaxRate)
            return Problem(ProblemTypes.NumberOutOfRange, $"'rate' is in messages per second, {ReplayRequest.MinRate} to {ReplayRequest.MaxRate}.");
        if (body.MaxFailed < 0)
            return Problem(ProblemTypes.NumberOutOfRange, "'maxFailed' is the number of subjects that may fail before the replay stops; 0 for any number.");
        return (WhyUnusable("by", body.By, DiscardReason.MaxByLength) ?? WhyUnusable("why", body.Why, DiscardReason.MaxReasonLength)) is { } wrong
            ? Problem(OperatorProblems.ActorOrReasonInvalid, wrong)
            : null;
    }

    private static ReplayRequest RequestOf(PlanReplayRequest body) => new()
    {
        Selection = new DeadLetterFilter
        {
            Id = body.Entry,
            Consumer = body.Consumer,
            Partition = body.Subject,
            Type = body.Type,
            Reason = body.Reason,
            Fingerprint = body.Fingerprint,
            From = body.From,
            To = body.To,
        },
        Only = body.Entry is not null,
        Rate = body.Rate ?? ReplayRequest.DefaultRate,
        MaxFailed = body.MaxFailed ?? 0,
        By = body.By,
        Why = body.Why,
    };

    private static string? WhyUnusable(string name, string? value, int max, bool isRequired = false) =>
        value is null ? isRequired ? string.Create(CultureInfo.InvariantCulture, $"Send who does it in '{name}', in 1 to {max} characters.") : null
        : string.IsNullOrWhiteSpace(value) || value.Length > max ? string.Create(CultureInfo.InvariantCulture,
            $"'{name}' has 1 to {max} characters.")
        : null;

    private static Task<IResult> PageAsync(HttpRequest request, Func<int, string?, Task<IResult>> page) =>
        GuardAsync(request, ["limit", "continuation"], async () =>
            !TryReadLimit(request, 100, 500, out var limit, out var refusal) ? refusal!
            : !TryReadPosition(request, out _, out var continuation) ? BadContinuation()
            : await page(limit, continuation));

    private static IResult AnswerOf(Refusable<ReplaySummary> result, int status) =>
        result.TryGet(out var replay, out var refusal)
            ? Results.Json(replay, OperatorJson.Readable.ReplaySummary, statusCode: status)
            : Problem(OperatorProblems.ReplayRefused, refusal);
}

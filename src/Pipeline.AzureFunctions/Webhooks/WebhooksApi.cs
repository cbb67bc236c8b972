using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;
using Pipeline.AzureFunctions.Consumers;
using Pipeline.AzureFunctions.Http;
using Pipeline.Consumers;
using Pipeline.Diagnostics;
using static Pipeline.AzureFunctions.Http.Answers;
using static Pipeline.AzureFunctions.Http.Requests;

namespace Pipeline.AzureFunctions.Webhooks;

/// <summary>
/// Receives CloudEvents of partners, as the HTTP protocol binding and the webhook specification of CloudEvents 1.0.2
/// define, and passes them to the consumer <c>webhooks/{source}</c>. See <c>docs/sample/webhooks.md</c>.
/// </summary>
public sealed class WebhooksApi(WebhookSources sources, ConsumerRunners runners, TimeProvider clock, ILogger<WebhooksApi> log)
{
    /// <summary>Largest request body, in bytes.</summary>
    internal const int MaxWebhookBytes = 1024 * 1024;

    /// <summary>Most events in one batch.</summary>
    internal const int MaxBatch = 100;

    private const string Allowed = "OPTIONS, POST";
    private const string RetrySeconds = "5";

    /// <summary>How long a request may wait for the store. Senders time out after 30 seconds or less.</summary>
    private static readonly TimeSpan StoreTimeout = TimeSpan.FromSeconds(10);

    /// <summary><c>OPTIONS /api/webhooks/{source}</c>: the handshake, for the origins in the settings (webhook specification, section 4).</summary>
    [Function("webhook-handshake")]
    [ApiOperation("Answers the handshake of a sender of webhooks.", Statuses = [200, 204])]
    public IResult Handshake([HttpTrigger(AuthorizationLevel.Anonymous, "options", Route = "webhooks/{source}")] HttpRequest request, string source)
    {
        if (sources.Find(source) is not { } webhook)
            return NotFound($"webhook '{source}'");
        if (webhook.IsRetired)
            return Gone(webhook);
        var headers = request.HttpContext.Response.Headers;
        headers.Allow = Allowed;
        var origin = request.Headers["WebHook-Request-Origin"].ToString();
        if (origin.Length == 0)
            return Results.StatusCode(204);
        if (!webhook.AllowsOrigin(origin))
            return Problem(WebhookProblems.OriginNotAllowed, $"'{Shown(origin)}' may not deliver to '{webhook.Name}'.");
        var rate = request.Headers["WebHook-Request-Rate"].ToString();
        if (rate.Length > 0 && !(int.TryParse(rate, NumberStyles.None, CultureInfo.InvariantCulture, out var perMinute) && perMinute > 0))
            return Problem(WebhookProblems.RequestRateInvalid, "'WebHook-Request-Rate' is a whole number of requests per minute, above 0.");

        // 'WebHook-Request-Callback' is not called: this answer suffices, and the address is not trusted.
        headers["WebHook-Allowed-Origin"] = origin;
        headers["WebHook-Allowed-Rate"] = rate.Length > 0 ? rate : "*";
        return Results.StatusCode(200);
    }

    /// <summary><c>POST /api/webhooks/{source}</c>: 202 when every event had its effect or is stored as a dead letter.</summary>
    [Function("webhook")]
    [ApiOperation(
        "Takes CloudEvents of a partner.",
        Consumes = [CloudEventsOverHttp.StructuredType, CloudEventsOverHttp.BatchType, "application/json"], Statuses = [202], TakesToken = true)]
    public async Task<IResult> Receive(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "webhooks/{source}")] HttpRequest request, string source, CancellationToken cancellationToken)
    {
        request.HttpContext.Response.Headers.CacheControl = "no-store";
        if (sources.Find(source) is not { } webhook)
            return NotFound($"webhook '{source}'");
        var answer = await AnswerAsync(request, webhook, cancellationToken);
        if (answer is IStatusCodeHttpResult { StatusCode: { } status })
            Telemetry.CountWebhookProblem(webhook.Name, status);
        return answer;
    }

    private async Task<IResult> AnswerAsync(HttpRequest request, WebhookSource webhook, CancellationToken cancellationToken)
    {
        if (webhook.IsRetired)
            return Gone(webhook);
        if (WhyNotVerified(request, webhook) is { } refusal)
            return refusal;
        if (!webhook.Slots.Wait(0, CancellationToken.None))
            return Later(request, WebhookProblems.TooManyRequests, $"{WebhookSource.MaxConcurrent} requests of this source are being handled.");
        try
        {
            return await ReceiveAsync(request, webhook, cancellationToken);
        }
        finally
        {
            webhook.Slots.Release();
        }
    }

    private async Task<IResult> ReceiveAsync(HttpRequest request, WebhookSource webhook, CancellationToken cancellationToken)
    {
        if (CloudEventsOverHttp.ModeOf(request, out var why) is not { } mode)
        {
            request.HttpContext.Response.Headers.Accept = CloudEventsOverHttp.Accepted;
            return Problem(ProblemTypes.MediaTypeUnsupported, $"{why} Accepted: {CloudEventsOverHttp.Accepted} (the last with 'ce-' headers).");
        }

        List<ReadEvent> events;
        try
        {
            if (request.ContentLength > MaxWebhookBytes || await ReadBytesAsync(request.Body, MaxWebhookBytes, cancellationToken) is not { } body)
                return Problem(ProblemTypes.BodyTooLarge, $"The body may have at most {MaxWebhookBytes} bytes.");
            events = CloudEventsOverHttp.Read(request, mode, body, webhook);
        }
        catch (JsonException e)
        {
            return Problem(ProblemTypes.InvalidJson, $"The body cannot be read: {CloudEventsOverHttp.Where(e)}.");
        }
        catch (BadHttpRequestException e)
        {
            return Incomplete(e);
        }

        return events.Count > MaxBatch
            ? Problem(WebhookProblems.BatchTooLarge, $"The batch has too many events; at most {MaxBatch} are allowed.")
            : await HandleAllAsync(request, webhook, mode, events, cancellationToken);
    }

    /// <summary>
    /// Handles all events in order. One that must be sent again decides the answer, even after a refused one: a sender that
    /// reads 400 drops the whole batch.
    /// </summary>
    private async Task<IResult> HandleAllAsync(
        HttpRequest request, WebhookSource webhook, ContentMode mode, List<ReadEvent> events, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(StoreTimeout, clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        var runner = runners.RunnerOf(webhook.Consumer);
        var wrong = new Dictionary<string, string[]>(StringComparer.Ordinal);
        string? first = null;
        var unhandled = 0;
        for (var i = 0; i < events.Count; i++)
        {
            var problem = events[i].Wrong;
            if (problem is null)
            {
                var settlement = await runner.HandleForeignAsync(events[i].Body, both.Token);
                if (settlement.Kind == SettlementKind.Refuse)
                    problem = $"{settlement.Reason}: {settlement.Description}";
                else if (settlement.Kind is not (SettlementKind.Complete or SettlementKind.DeadLetter))
                    unhandled++;
            }

            if (problem is null)
                continue;
            problem = problem.TrimEnd('.');
            var where = mode == ContentMode.Batch ? string.Create(CultureInfo.InvariantCulture, $"[{i}]") : "event";
            first ??= mode == ContentMode.Batch ? $"Event {where}: {problem}." : $"{problem}.";
            wrong[where] = [problem];
        }

        if (wrong.Count > 0)
            log.LogWarning("Webhook {Source}: {Count} of {All} events were refused.", webhook.Name, wrong.Count, events.Count);
        if (unhandled > 0)
            return Later(request, WebhookProblems.EventsNotStored, "At least one event could not be stored. Send the whole request again; stored events have no second effect.", wrong);
        return first is null ? Results.StatusCode(202) : Problem(WebhookProblems.EventRefused, first, wrong);
    }

    /// <summary>Verifies the token of the caller, in the header or in the query (webhook specification, section 3), before the body is read.</summary>
    private static IResult? WhyNotVerified(HttpRequest request, WebhookSource webhook)
    {
        var query = request.Query["access_token"].ToString();
        var bearer = AuthenticationHeaderValue.TryParse(request.Headers.Authorization.ToString(), out var header)
            && header.Scheme.Equals("Bearer", StringComparison.OrdinalIgnoreCase) ? header.Parameter ?? "" : "";

        // RFC 6750, section 2: never both.
        if (query.Length > 0 && bearer.Length > 0)
            return Problem(WebhookProblems.TokenRepeated, "Send the token in 'Authorization' or as 'access_token', not in both.");
        if (webhook.IsToken(query.Length > 0 ? query : bearer))
            return null;
        request.HttpContext.Response.Headers.WWWAuthenticate = "Bearer";
        return Problem(WebhookProblems.TokenInvalid, "Send a valid token, as 'Authorization: Bearer TOKEN' or, where that is not possible, as '?access_token=TOKEN'.");
    }

    private static IResult Gone(WebhookSource webhook) => Problem(WebhookProblems.WebhookRetired, $"'{webhook.Name}' accepts no events any more. Stop sending.");

    private static IResult Later(HttpRequest request, ProblemType type, string detail, Dictionary<string, string[]>? errors = null)
    {
        request.HttpContext.Response.Headers.RetryAfter = RetrySeconds;
        return Problem(type, detail, errors is { Count: > 0 } ? errors : null);
    }
}

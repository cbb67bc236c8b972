using Pipeline.AzureFunctions.Http;

namespace Pipeline.AzureFunctions.Webhooks;

/// <summary>
/// Problems of the webhook receiver. The slugs are part of the API: clients compare them, so they never change.
/// </summary>
internal static class WebhookProblems
{
    public static ProblemType WebhookRetired { get; } = new(
        "webhook-retired", 410, "Webhook retired", "The webhook accepts no events any more. Stop sending.");

    public static ProblemType OriginNotAllowed { get; } = new(
        "origin-not-allowed", 403, "Origin not allowed", "The origin of the handshake is not in the settings of the webhook.");

    public static ProblemType RequestRateInvalid { get; } = new(
        "request-rate-invalid", 400, "Invalid request rate", "`WebHook-Request-Rate` is a whole number of requests per minute, above 0.");

    public static ProblemType TokenInvalid { get; } = new(
        "token-invalid", 401, "Invalid token", "Send a valid token as `Authorization: Bearer TOKEN` or as `?access_token=TOKEN`.");

    public static ProblemType TokenRepeated { get; } = new(
        "token-repeated", 400, "Repeated token", "Send the token in `Authorization` or as `access_token`, not in both.");

    public static ProblemType TooManyRequests { get; } = new(
        "too-many-requests", 429, "Too many requests", "Too many requests of this source are being handled. Retry after `Retry-After`.");

    public static ProblemType BatchTooLarge { get; } = new("batch-too-large", 413, "Batch too large", "Send fewer events in one batch; `detail` has the limit.");

    public static ProblemType EventRefused { get; } = new(
        "event-refused", 400, "Event refused", "At least one event is not a CloudEvent or violates its contract; `errors` has the position of each. The others were accepted.");

    public static ProblemType EventsNotStored { get; } = new(
        "events-not-stored", 503, "Events not stored", "At least one event could not be stored. Retry the whole request after `Retry-After`; stored events have no second effect.");

    /// <summary>Gets all of them, in the order of the documentation.</summary>
    public static IReadOnlyList<ProblemType> All { get; } =
    [
        WebhookRetired, OriginNotAllowed, RequestRateInvalid, TokenInvalid, TokenRepeated, TooManyRequests, BatchTooLarge, EventRefused,
        EventsNotStored,
    ];
}

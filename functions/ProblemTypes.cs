namespace Pipeline.Functions;

/// <summary>
/// All problems that the API answers with. The slugs are part of the API: clients compare them, so they never change. A test
/// compares the list with <c>docs/reference/problems.md</c>.
/// </summary>
internal static class ProblemTypes
{
    /// <summary>Where <see cref="ProblemsApi"/> documents them.</summary>
    public const string Path = "/api/problems/";

    private static readonly List<ProblemType> Defined = [];

    // Every request.
    public static readonly ProblemType MediaTypeUnsupported = Define(
        "media-type-unsupported", 415, "Unsupported media type", "Send the body in a media type and encoding that the operation accepts.");

    public static readonly ProblemType BodyTooLarge = Define("body-too-large", 413, "Body too large", "Send a smaller body; `detail` has the limit.");

    public static readonly ProblemType BodyEmpty = Define("body-empty", 400, "Empty body", "Send a JSON object.");

    public static readonly ProblemType BodyIncomplete = Define(
        "body-incomplete", 400, "Incomplete body", "The connection ended before the body did, or its chunks are malformed. Send the request again.");

    public static readonly ProblemType BodyTimeout = Define(
        "body-timeout", 408, "Request timeout", "The body arrived too slowly. Send the request again.");

    public static readonly ProblemType InvalidJson = Define(
        "invalid-json", 400, "Invalid JSON", "The body is not valid JSON, or has an unknown, repeated or wrongly typed property. `errors` has its path.");

    public static readonly ProblemType HiddenCharacter = Define(
        "hidden-character", 400, "Hidden character", "A text has a control, bidirectional or invisible character. `errors` names the text; remove the character.");

    public static readonly ProblemType IdempotencyKeyRequired = Define(
        "idempotency-key-required", 400, "Idempotency-Key required", "Send the header `Idempotency-Key` with a value of your own, and the same value when you repeat the request.");

    public static readonly ProblemType IdempotencyKeyInvalid = Define(
        "idempotency-key-invalid", 400, "Invalid Idempotency-Key", "Send one header `Idempotency-Key` of 1 to 128 printable ASCII characters without spaces.");

    public static readonly ProblemType IdempotencyKeyReused = Define(
        "idempotency-key-reused", 422, "Idempotency-Key reused", "The key came before with a different body. Use a new key for a new request.");

    public static readonly ProblemType QueryParameterUnknown = Define(
        "query-parameter-unknown", 400, "Unknown query parameter", "The operation does not take this query parameter; `detail` lists those that it takes.");

    public static readonly ProblemType QueryParameterRepeated = Define(
        "query-parameter-repeated", 400, "Repeated query parameter", "Send each query parameter once.");

    public static readonly ProblemType NumberOutOfRange = Define(
        "number-out-of-range", 400, "Number out of range", "A number, such as `limit`, `steps` or `rate`, is not within its range; `detail` has the range.");

    public static readonly ProblemType TimeInvalid = Define(
        "time-invalid", 400, "Invalid time", "Send a time as RFC 3339 has it, with an offset, or a date.");

    public static readonly ProblemType TimeOutOfRange = Define(
        "time-out-of-range", 400, "Time out of range", "Send a time within the range that `detail` names.");

    public static readonly ProblemType ContinuationInvalid = Define(
        "continuation-invalid", 400, "Invalid continuation", "Send the `continuation` of the previous answer unchanged and URL-encoded, or none for the first page.");

    public static readonly ProblemType NotFound = Define("not-found", 404, "Not found", "What the address names does not exist.");

    public static readonly ProblemType DamagedPartition = Define(
        "damaged-partition", 500, "Damaged partition", "Records of a partition are missing or cannot be read. Retrying does not help: an operator has to restore them from a backup.");

    public static readonly ProblemType StoreUnavailable = Define(
        "store-unavailable", 503, "Store unavailable", "Cosmos DB is temporarily unavailable. Retry with the same Idempotency-Key.");

    // Operators.
    public static readonly ProblemType ActorAndReasonRequired = Define(
        "actor-and-reason-required", 400, "Actor and reason required", "Send who does it in `by` and the reason in `reason`; both are kept.");

    public static readonly ProblemType ActorRequired = Define(
        "actor-required", 400, "Actor required", "Send who does it in `by`, and optionally the reason in `why`; both are kept.");

    public static readonly ProblemType ActorOrReasonInvalid = Define(
        "actor-or-reason-invalid", 400, "Invalid actor or reason", "`by` or `why` is empty or too long.");

    public static readonly ProblemType ConfirmationTokenRequired = Define(
        "confirmation-token-required", 400, "Confirmation token required",
        "Send `count` and `before`: the `count` of the group and the `asOf` of `GET /api/dead-letters/groups`. They confirm which dead letters you have seen.");

    public static readonly ProblemType GroupRequired = Define(
        "group-required", 400, "Group required", "Name the group: a `fingerprint` other than `unknown`, or part of a `reason` or a `type` of outbox messages.");

    public static readonly ProblemType GroupGrown = Define(
        "group-grown", 409, "Group has grown", "The group has more dead letters than you confirmed. Nothing was changed. Read the group again and confirm its new count.");

    public static readonly ProblemType ConsumerUnknown = Define(
        "consumer-unknown", 400, "Unknown consumer", "Name one of the consumers that `detail` lists.");

    public static readonly ProblemType StatusUnknown = Define("status-unknown", 400, "Unknown status", "Use one of the statuses that `detail` lists.");

    public static readonly ProblemType FingerprintInvalid = Define(
        "fingerprint-invalid", 400, "Invalid fingerprint", "A fingerprint is 12 hexadecimal digits in lower case, or `unknown`.");

    public static readonly ProblemType SubjectInvalid = Define("subject-invalid", 400, "Invalid subject", "The text cannot be a subject; `detail` says why.");

    public static readonly ProblemType DeadLetterClosed = Define(
        "dead-letter-closed", 409, "Dead letter closed", "The dead letter was handled or discarded before. Nothing was changed.");

    public static readonly ProblemType DryRunNotPossible = Define(
        "dry-run-not-possible", 409, "Dry run not possible", "Nothing can be run: the dead letter is closed or does not block its subject, or its consumer does not exist any more.");

    public static readonly ProblemType EditIncomplete = Define(
        "edit-incomplete", 400, "Incomplete edit", "Send `patch` or `replacement`, `why` and `by`.");

    public static readonly ProblemType EditRefused = Define(
        "edit-refused", 422, "Edit refused", "The patch cannot be applied, or the edited message violates its contract. Nothing was changed; `errors` has the path.");

    public static readonly ProblemType EditConflict = Define(
        "edit-conflict", 409, "Edit conflict", "The dead letter is closed, is being replayed, or has other edits than you have seen. Nothing was changed.");

    public static readonly ProblemType EventIdRequired = Define(
        "event-id-required", 400, "Event id required", "Send the CloudEvents id in `eventId`, as the list of dead letters shows it.");

    public static readonly ProblemType EventAmbiguous = Define(
        "event-ambiguous", 409, "Ambiguous event", "Events of several sources have this id. Send the `source` too. Nothing was edited.");

    public static readonly ProblemType OutboxMessageDiscarded = Define(
        "outbox-message-discarded", 409, "Outbox message already discarded", "It was discarded before with another actor or reason. Nothing was changed.");

    public static readonly ProblemType OutboxMessageTooLarge = Define(
        "outbox-message-too-large", 409, "Outbox message too large to keep", "The message is too large to be stored as discarded. Nothing was changed.");

    public static readonly ProblemType ReplaySelectionRequired = Define(
        "replay-selection-required", 400, "Selection required", "Select what to replay: an `entry`, or any of `subject`, `consumer`, `type`, `reason`, `fingerprint`, `from` and `to`.");

    public static readonly ProblemType ReplaySelectionAmbiguous = Define(
        "replay-selection-ambiguous", 400, "Ambiguous selection", "`entry` selects one dead letter and goes with `consumer` only. To replay what waits behind it too, select its `subject`.");

    public static readonly ProblemType ReplayRefused = Define(
        "replay-refused", 409, "Replay refused", "The replay cannot be planned, applied or stopped; `detail` says why.");

    public static readonly ProblemType PositionAmbiguous = Define(
        "position-ambiguous", 400, "Ambiguous position", "Send either `continuation` or `since`.");

    public static readonly ProblemType TooManyPhysicalPartitions = Define(
        "too-many-physical-partitions", 501, "Too many physical partitions", "The containers are too large to report their activity over HTTP. Use the metrics.");

    // Webhooks.
    public static readonly ProblemType WebhookRetired = Define(
        "webhook-retired", 410, "Webhook retired", "The webhook accepts no events any more. Stop sending.");

    public static readonly ProblemType OriginNotAllowed = Define(
        "origin-not-allowed", 403, "Origin not allowed", "The origin of the handshake is not in the settings of the webhook.");

    public static readonly ProblemType RequestRateInvalid = Define(
        "request-rate-invalid", 400, "Invalid request rate", "`WebHook-Request-Rate` is a whole number of requests per minute, above 0.");

    public static readonly ProblemType TokenInvalid = Define(
        "token-invalid", 401, "Invalid token", "Send a valid token as `Authorization: Bearer TOKEN` or as `?access_token=TOKEN`.");

    public static readonly ProblemType TokenRepeated = Define(
        "token-repeated", 400, "Repeated token", "Send the token in `Authorization` or as `access_token`, not in both.");

    public static readonly ProblemType TooManyRequests = Define(
        "too-many-requests", 429, "Too many requests", "Too many requests of this source are being handled. Retry after `Retry-After`.");

    public static readonly ProblemType BatchTooLarge = Define("batch-too-large", 413, "Batch too large", "Send fewer events in one batch; `detail` has the limit.");

    public static readonly ProblemType EventRefused = Define(
        "event-refused", 400, "Event refused", "At least one event is not a CloudEvent or violates its contract; `errors` has the position of each. The others were accepted.");

    public static readonly ProblemType EventsNotStored = Define(
        "events-not-stored", 503, "Events not stored", "At least one event could not be stored. Retry the whole request after `Retry-After`; stored events have no second effect.");

    // The sample's services.
    public static readonly ProblemType OrderInvalid = Define("order-invalid", 400, "Invalid order", "Correct what `errors` lists and send the order again.");

    public static readonly ProblemType OrderExists = Define("order-exists", 409, "Order already exists", "An order with this id exists.");

    public static readonly ProblemType OrderAlreadyCompleted = Define(
        "order-already-completed", 409, "Order already completed", "A completed order cannot be cancelled.");

    public static readonly ProblemType ReasonTooLong = Define("reason-too-long", 400, "Reason too long", "Shorten the reason; `errors` has the limit.");

    public static readonly ProblemType ArticleNameInvalid = Define(
        "article-name-invalid", 400, "Invalid article name", "Use 1 to 64 letters, digits, `.`, `_` or `-`, but not `.` or `..` alone.");

    public static readonly ProblemType StockInvalid = Define("stock-invalid", 400, "Invalid stock", "Send the number of pieces in `onHand`; `errors` has the range.");

    public static readonly ProblemType StockReserved = Define(
        "stock-reserved", 409, "Stock reserved", "More pieces are reserved than the new stock has. Set a larger number.");

    public static readonly ProblemType DayInvalid = Define("day-invalid", 400, "Invalid day", "Send a UTC day such as `2026-12-31`.");

    public static readonly ProblemType NoSimulatedCarrier = Define(
        "no-simulated-carrier", 404, "No simulated carrier", "Another carrier gateway is configured, so faults cannot be simulated.");

    public static readonly ProblemType TooManyCarrierFaults = Define(
        "too-many-carrier-faults", 409, "Too many carrier faults", "Remove a fault before you set another.");

    /// <summary>Gets all of them, in the order of the documentation.</summary>
    public static IReadOnlyList<ProblemType> All => Defined;

    /// <summary>Finds a type by its slug; <see langword="null"/> if there is none.</summary>
    public static ProblemType? Find(string slug) => Defined.Find(p => p.Slug == slug);

    /// <summary>Gets the type of a service's refusal. Its code is the slug; a test finds a code without a type.</summary>
    /// <exception cref="InvalidOperationException">There is no such type.</exception>
    public static ProblemType OfRefusal(string code) =>
        Find(code) ?? throw new InvalidOperationException($"The refusal '{code}' has no problem type; add one to {nameof(ProblemTypes)}.");

    private static ProblemType Define(string slug, int status, string title, string description)
    {
        var type = new ProblemType(slug, status, title, description);
        Defined.Add(type);
        return type;
    }
}

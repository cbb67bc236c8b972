namespace Pipeline.AzureFunctions.Http;

/// <summary>
/// Problems that any operation of an app may answer with. The slugs are part of the API: clients compare them, so they never change.
/// </summary>
public static class ProblemTypes
{
    /// <summary>Gets <c>media-type-unsupported</c>, 415: Send the body in a media type and encoding that the operation accepts.</summary>
    public static ProblemType MediaTypeUnsupported { get; } = new(
        "media-type-unsupported", 415, "Unsupported media type", "Send the body in a media type and encoding that the operation accepts.");

    /// <summary>Gets <c>body-too-large</c>, 413: Send a smaller body; detail has the limit.</summary>
    public static ProblemType BodyTooLarge { get; } = new("body-too-large", 413, "Body too large", "Send a smaller body; `detail` has the limit.");

    /// <summary>Gets <c>body-empty</c>, 400: Send a JSON object.</summary>
    public static ProblemType BodyEmpty { get; } = new("body-empty", 400, "Empty body", "Send a JSON object.");

    /// <summary>Gets <c>body-incomplete</c>, 400: The connection ended before the body did, or its chunks are malformed. Send the request again.</summary>
    public static ProblemType BodyIncomplete { get; } = new(
        "body-incomplete", 400, "Incomplete body", "The connection ended before the body did, or its chunks are malformed. Send the request again.");

    /// <summary>Gets <c>body-timeout</c>, 408: The body arrived too slowly. Send the request again.</summary>
    public static ProblemType BodyTimeout { get; } = new(
        "body-timeout", 408, "Request timeout", "The body arrived too slowly. Send the request again.");

    /// <summary>Gets <c>invalid-json</c>, 400: The body is not valid JSON, or has an unknown, repeated or wrongly typed property. errors has its path.</summary>
    public static ProblemType InvalidJson { get; } = new(
        "invalid-json", 400, "Invalid JSON", "The body is not valid JSON, or has an unknown, repeated or wrongly typed property. `errors` has its path.");

    /// <summary>Gets <c>hidden-character</c>, 400: A text has a control, bidirectional or invisible character. errors names the text; remove the character.</summary>
    public static ProblemType HiddenCharacter { get; } = new(
        "hidden-character", 400, "Hidden character", "A text has a control, bidirectional or invisible character. `errors` names the text; remove the character.");

    /// <summary>Gets <c>idempotency-key-required</c>, 400: Send the header Idempotency-Key with a value of your own, and the same value when you repeat the request.</summary>
    public static ProblemType IdempotencyKeyRequired { get; } = new(
        "idempotency-key-required", 400, "Idempotency-Key required", "Send the header `Idempotency-Key` with a value of your own, and the same value when you repeat the request.");

    /// <summary>Gets <c>idempotency-key-invalid</c>, 400: Send one header Idempotency-Key of 1 to 128 printable ASCII characters without spaces.</summary>
    public static ProblemType IdempotencyKeyInvalid { get; } = new(
        "idempotency-key-invalid", 400, "Invalid Idempotency-Key", "Send one header `Idempotency-Key` of 1 to 128 printable ASCII characters without spaces.");

    /// <summary>Gets <c>idempotency-key-reused</c>, 422: The key came before with a different body. Use a new key for a new request.</summary>
    public static ProblemType IdempotencyKeyReused { get; } = new(
        "idempotency-key-reused", 422, "Idempotency-Key reused", "The key came before with a different body. Use a new key for a new request.");

    /// <summary>Gets <c>query-parameter-unknown</c>, 400: The operation does not take this query parameter; detail lists those that it takes.</summary>
    public static ProblemType QueryParameterUnknown { get; } = new(
        "query-parameter-unknown", 400, "Unknown query parameter", "The operation does not take this query parameter; `detail` lists those that it takes.");

    /// <summary>Gets <c>query-parameter-repeated</c>, 400: Send each query parameter once.</summary>
    public static ProblemType QueryParameterRepeated { get; } = new(
        "query-parameter-repeated", 400, "Repeated query parameter", "Send each query parameter once.");

    /// <summary>Gets <c>number-out-of-range</c>, 400: A number, such as limit, steps or rate, is not within its range; detail has the range.</summary>
    public static ProblemType NumberOutOfRange { get; } = new(
        "number-out-of-range", 400, "Number out of range", "A number, such as `limit`, `steps` or `rate`, is not within its range; `detail` has the range.");

    /// <summary>Gets <c>time-invalid</c>, 400: Send a time as RFC 3339 has it, with an offset, or a date.</summary>
    public static ProblemType TimeInvalid { get; } = new(
        "time-invalid", 400, "Invalid time", "Send a time as RFC 3339 has it, with an offset, or a date.");

    /// <summary>Gets <c>time-out-of-range</c>, 400: Send a time within the range that detail names.</summary>
    public static ProblemType TimeOutOfRange { get; } = new(
        "time-out-of-range", 400, "Time out of range", "Send a time within the range that `detail` names.");

    /// <summary>Gets <c>continuation-invalid</c>, 400: Send the continuation of the previous answer unchanged and URL-encoded, or none for the first page.</summary>
    public static ProblemType ContinuationInvalid { get; } = new(
        "continuation-invalid", 400, "Invalid continuation", "Send the `continuation` of the previous answer unchanged and URL-encoded, or none for the first page.");

    /// <summary>Gets <c>not-found</c>, 404: What the address names does not exist.</summary>
    public static ProblemType NotFound { get; } = new("not-found", 404, "Not found", "What the address names does not exist.");

    /// <summary>Gets <c>command-refused</c>, 409: The service refused the command; detail has its reason. Nothing was changed.</summary>
    public static ProblemType CommandRefused { get; } = new(
        "command-refused", 409, "Command refused", "The service refused the command; `detail` has its reason. Nothing was changed.");

    /// <summary>Gets <c>damaged-partition</c>, 500: Records of a partition are missing or cannot be read. Retrying does not help: an operator has to restore them from a backup.</summary>
    public static ProblemType DamagedPartition { get; } = new(
        "damaged-partition", 500, "Damaged partition", "Records of a partition are missing or cannot be read. Retrying does not help: an operator has to restore them from a backup.");

    /// <summary>Gets <c>store-unavailable</c>, 503: Cosmos DB is temporarily unavailable. Retry with the same Idempotency-Key.</summary>
    public static ProblemType StoreUnavailable { get; } = new(
        "store-unavailable", 503, "Store unavailable", "Cosmos DB is temporarily unavailable. Retry with the same Idempotency-Key.");

    /// <summary>Gets all of them, in the order of the documentation.</summary>
    public static IReadOnlyList<ProblemType> All { get; } =
    [
        MediaTypeUnsupported, BodyTooLarge, BodyEmpty, BodyIncomplete, BodyTimeout, InvalidJson, HiddenCharacter, IdempotencyKeyRequired,
        IdempotencyKeyInvalid, IdempotencyKeyReused, QueryParameterUnknown, QueryParameterRepeated, NumberOutOfRange, TimeInvalid,
        TimeOutOfRange, ContinuationInvalid, NotFound, CommandRefused, DamagedPartition, StoreUnavailable,
    ];
}

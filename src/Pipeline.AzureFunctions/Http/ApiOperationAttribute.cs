namespace Pipeline.AzureFunctions.Http;

/// <summary>
/// Says of an HTTP function what its trigger does not. The OpenAPI document of the app is made of both.
/// </summary>
/// <param name="summary">What the operation does, as one sentence.</param>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ApiOperationAttribute(string summary) : Attribute
{
    /// <summary>Gets what the operation does, as one sentence.</summary>
    public string Summary => summary;

    /// <summary>Gets the names of the query parameters that the operation takes, all of them optional. Default: none.</summary>
    public string[] Query { get; init; } = [];

    /// <summary>Gets whether the operation takes an <c>Idempotency-Key</c> header, and whether it needs one. Default: it takes none.</summary>
    public IdempotencyKey IdempotencyKey { get; init; }

    /// <summary>Gets the record that the request's body is read into; <see langword="null"/> if there is none. Default: none.</summary>
    public Type? Body { get; init; }

    /// <summary>Gets whether the body may be left out. Default: it may not.</summary>
    public bool IsBodyOptional { get; init; }

    /// <summary>Gets the media types of the request's body. Default: <c>application/json</c>. Ignored without a body, unless set.</summary>
    public string[] Consumes { get; init; } = [];

    /// <summary>Gets the record of the answer; <see langword="null"/> if it has no body, or one that is no record. Default: none.</summary>
    public Type? Returns { get; init; }

    /// <summary>Gets the media type of the answer. Default: <c>application/json</c>. Ignored without an answer's body, unless set.</summary>
    public string? Produces { get; init; }

    /// <summary>Gets the status codes of success. Default: 200.</summary>
    public int[] Statuses { get; init; } = [200];

    /// <summary>Gets whether the operation verifies a token of its caller itself. Default: it does not.</summary>
    public bool TakesToken { get; init; }
}

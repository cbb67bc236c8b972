using System.Text.Json.Serialization;

namespace Pipeline.Client;

/// <summary>Why a request was refused: problem details (RFC 9457).</summary>
/// <param name="Type">The stable URI of the kind of problem, relative to the pipeline's address; programs compare it. <c>about:blank</c> if the answer names none.</param>
/// <param name="Title">The kind of problem, in words; the same for all problems of a type.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="Detail">What is wrong with this request, and what to do.</param>
/// <param name="Errors">What is wrong in each place of the request; <see langword="null"/> where places do not matter.</param>
public sealed record ProblemDetails(
    string Type,
    string Title,
    int Status,
    string Detail,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyDictionary<string, string[]>? Errors = null);

using System.Text.Json.Serialization;

namespace Pipeline.Client;

/// <summary>The exception that made a message a dead letter.</summary>
/// <param name="Type">The name of its type.</param>
/// <param name="Message">Its message.</param>
/// <param name="Stack">Its stack trace, the innermost frame first, at most 4000 characters.</param>
public sealed record ExceptionDetails(
    [property: JsonPropertyName("type")] string Type,
    [property: JsonPropertyName("message")] string Message,
    [property: JsonPropertyName("stack")] IReadOnlyList<string> Stack);

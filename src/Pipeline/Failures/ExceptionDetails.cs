using System.Text.Json.Serialization;

namespace Pipeline.Failures;

/// <summary>The exception that made a message a dead letter.</summary>
/// <param name="Type">The name of its type.</param>
/// <param name="Message">Its message.</param>
/// <param name="Stack">Its stack trace, the innermost frame first, at most <see cref="MaxStackLength"/> characters.</param>
public sealed record ExceptionDetails(
    [property: JsonPropertyName("type")] string Type,
    [property: JsonPropertyName("message")] string Message,
    [property: JsonPropertyName("stack")] IReadOnlyList<string> Stack)
{
    /// <summary>The longest stack trace that is kept, in characters.</summary>
    public const int MaxStackLength = 4000;

    internal static ExceptionDetails Of(Exception exception)
    {
        var stack = new List<string>();
        var length = 0;
        foreach (var line in (exception.StackTrace ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            length += line.Length;
            if (length > MaxStackLength)
                break;
            stack.Add(line);
        }

        return new ExceptionDetails(exception.GetType().Name, exception.Message, stack);
    }
}

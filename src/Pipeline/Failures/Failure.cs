using Pipeline.Client;

namespace Pipeline.Failures;

/// <summary>Why a message was not handled, as it is known where the failure arises.</summary>
/// <param name="Reason">One of <see cref="DeadLetterReasons"/>, or the reason that the broker gave.</param>
/// <param name="Description">What happened.</param>
/// <param name="Path">Where the data breaks its contract, as in <c>$.lines[0].quantity</c>; <see langword="null"/> if that is not the failure.</param>
/// <param name="Exception">The exception; <see langword="null"/> if there was none.</param>
internal sealed record Failure(string Reason, string Description, string? Path = null, ExceptionDetails? Exception = null)
{
    /// <summary>The longest stack trace that is kept, in characters.</summary>
    private const int MaxStackLength = 4000;

    /// <summary>The first line of the description.</summary>
    public string Title => Description.Split('\n', 2)[0];

    /// <summary>The description, with the stack trace if there is one.</summary>
    public string Text => Exception is { Stack.Count: > 0 } exception ? $"{Description}\n   {string.Join("\n   ", exception.Stack)}" : Description;

    /// <summary>A failure by an exception.</summary>
    public static Failure Of(string reason, Exception exception) =>
        new(reason, $"{exception.GetType().Name}: {exception.Message}", Exception: DetailsOf(exception));

    private static ExceptionDetails DetailsOf(Exception exception)
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

namespace Pipeline.DeadLetters;

/// <summary>The exception that made a message a ledger entry.</summary>
/// <param name="Type">Its type's name.</param>
/// <param name="Message">What it says.</param>
/// <param name="Stack">Its stack trace, the innermost frame first, as far as the entry keeps it.</param>
public sealed record ExceptionDetails(string Type, string Message, IReadOnlyList<string> Stack);

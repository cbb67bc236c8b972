namespace Pipeline.Local.ServiceBus;

/// <param name="Kind">What it is.</param>
/// <param name="Text">The word, name, text or symbol.</param>
/// <param name="Value">The number.</param>
/// <param name="Position">Where it begins, from 1.</param>
internal readonly record struct SqlToken(SqlTokenKind Kind, string Text, object? Value, int Position);

namespace Pipeline.Local.Hosting;

/// <summary>Which retry an invocation is.</summary>
/// <param name="Count">1 for the first retry.</param>
/// <param name="Max">The policy's limit; -1 = without end.</param>
internal sealed record RetryAttempt(int Count, int Max);

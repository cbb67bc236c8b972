namespace Pipeline.Testing;

/// <summary>How a scenario ran that was killed everywhere.</summary>
/// <param name="Operations">The I/O operations of the run without a crash, in their order.</param>
/// <param name="Crashes">How many runs there were with a crash: one before the first operation, and one after each that is no read.</param>
public sealed record CrashReport(IReadOnlyList<string> Operations, int Crashes);

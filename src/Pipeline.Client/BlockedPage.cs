namespace Pipeline.Client;

/// <summary>One page of the blocked subjects.</summary>
/// <param name="Items">The blocked subjects.</param>
/// <param name="Continuation">The continuation for the next page; <see langword="null"/> on the last one.</param>
/// <param name="StandingStill">Consumers whose messages wait in the broker without progress; on the first page only.</param>
public sealed record BlockedPage(IReadOnlyList<BlockedSubjectSummary> Items, string? Continuation, IReadOnlyList<QueueStatus> StandingStill);

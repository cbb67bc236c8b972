using Pipeline.Operations;

namespace Pipeline.Functions;

/// <param name="Items">The blocked subjects.</param>
/// <param name="Continuation">Where the next page begins.</param>
/// <param name="StandingStill">Consumers whose messages wait in the broker, and nothing handles them; on the first page only.</param>
internal sealed record BlockedPage(IReadOnlyList<BlockedSubjectSummary> Items, string? Continuation, IReadOnlyList<QueueStatus> StandingStill);

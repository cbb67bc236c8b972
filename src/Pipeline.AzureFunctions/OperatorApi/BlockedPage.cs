using Pipeline.Client;
using Pipeline.Operations;

namespace Pipeline.AzureFunctions.OperatorApi;

/// <param name="Items">The blocked subjects.</param>
/// <param name="Continuation">The continuation for the next page.</param>
/// <param name="StandingStill">Consumers whose messages wait in the broker without progress; on the first page only.</param>
internal sealed record BlockedPage(IReadOnlyList<BlockedSubjectSummary> Items, string? Continuation, IReadOnlyList<QueueStatus> StandingStill);

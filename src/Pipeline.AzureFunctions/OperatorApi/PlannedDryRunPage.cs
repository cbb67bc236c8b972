using Pipeline.Client;
using Pipeline.Replay;

namespace Pipeline.AzureFunctions.OperatorApi;

internal sealed record PlannedDryRunPage(IReadOnlyList<PlannedDryRun> Items, string? Continuation);

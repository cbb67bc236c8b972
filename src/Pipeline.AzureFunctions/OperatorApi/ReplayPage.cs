using Pipeline.Client;
using Pipeline.Replay;

namespace Pipeline.AzureFunctions.OperatorApi;

internal sealed record ReplayPage(IReadOnlyList<ReplaySummary> Items, string? Continuation);

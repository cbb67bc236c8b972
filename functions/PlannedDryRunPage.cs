using Pipeline.Client;
using Pipeline.Replay;

namespace Pipeline.Functions;

internal sealed record PlannedDryRunPage(IReadOnlyList<PlannedDryRun> Items, string? Continuation);

using Pipeline.Client;
using Pipeline.Replay;

namespace Pipeline.Functions;

internal sealed record ReplayPage(IReadOnlyList<ReplaySummary> Items, string? Continuation);

using Pipeline.Client;
using Pipeline.Replay;

namespace Pipeline.AzureFunctions.OperatorApi;

internal sealed record ReplaySubjectPage(IReadOnlyList<ReplaySubject> Items, string? Continuation);

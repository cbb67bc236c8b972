using Pipeline.Client;
using Pipeline.Replay;

namespace Pipeline.Functions;

internal sealed record ReplaySubjectPage(IReadOnlyList<ReplaySubject> Items, string? Continuation);

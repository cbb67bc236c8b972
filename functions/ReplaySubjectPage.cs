using Pipeline.Replay;

namespace Pipeline.Functions;

internal sealed record ReplaySubjectPage(IReadOnlyList<ReplaySubject> Items, string? Continuation);

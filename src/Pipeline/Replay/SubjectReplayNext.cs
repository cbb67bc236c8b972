namespace Pipeline.Replay;

/// <summary>The next step of the replay of a subject.</summary>
/// <param name="Step">The step.</param>
/// <param name="Detail">Why it ends there, for people; <see langword="null"/> where that needs no words.</param>
internal readonly record struct SubjectReplayNext(SubjectReplayStep Step, string? Detail = null);

namespace Pipeline.Generation;

/// <summary>What a run of the generator came to.</summary>
/// <param name="Files">The files that were written or removed, or of a check those that would be, from the application's folder.</param>
/// <param name="Notes">What is left to do by hand.</param>
internal sealed record GenerationResult(IReadOnlyList<string> Files, IReadOnlyList<string> Notes);

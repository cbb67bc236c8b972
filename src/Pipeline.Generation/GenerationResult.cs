namespace Pipeline.Generation;

/// <summary>What a run of the generator came to.</summary>
/// <param name="Files">The files that were written or removed, or of a check those that would be, from the application's folder.</param>
/// <param name="Notes">What is left to do by hand, and what may be a mistake.</param>
/// <param name="Removed">The consumers, functions and subscriptions that are gone, or of a check would be, such as <c>consumer billing/delivery</c>.</param>
internal sealed record GenerationResult(IReadOnlyList<string> Files, IReadOnlyList<string> Notes, IReadOnlyList<string> Removed);

namespace Pipeline.Contracts.Surfaces;

/// <summary>One difference between two surfaces.</summary>
/// <param name="Type">The contract.</param>
/// <param name="Path">The field, or <c>$</c> for the contract itself.</param>
/// <param name="Effect">What it does.</param>
/// <param name="What">What changed and why that matters.</param>
/// <param name="Readers">The consumers that it concerns.</param>
public sealed record SurfaceChange(string Type, string Path, ChangeEffect Effect, string What, IReadOnlyList<string> Readers);

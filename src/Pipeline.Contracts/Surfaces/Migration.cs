namespace Pipeline.Contracts.Surfaces;

/// <summary>A breaking change that is permitted, because the affected readers were migrated before.</summary>
/// <param name="Type">The contract.</param>
/// <param name="Path">The field, or <c>$</c> for the contract itself.</param>
/// <param name="Reason">Why it breaks nobody.</param>
public sealed record Migration(string Type, string Path, string Reason);

namespace Pipeline.Contracts;

/// <summary>A price of one piece, not negative.</summary>
public sealed class PriceAttribute() : NumberAttribute(0, 1_000_000_000);

namespace Pipeline.Contracts;

/// <summary>A number of pieces, at least one.</summary>
public sealed class PiecesAttribute() : NumberAttribute(1, 1_000_000);

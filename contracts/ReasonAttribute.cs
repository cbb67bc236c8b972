namespace Pipeline.Contracts;

/// <summary>Why, in words for people.</summary>
public sealed class ReasonAttribute() : TextAttribute(0, 10_000);

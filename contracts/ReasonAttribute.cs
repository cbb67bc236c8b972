namespace Pipeline.Contracts;

/// <summary>A reason as text for people.</summary>
public sealed class ReasonAttribute() : TextAttribute(0, 10_000);

namespace Pipeline.Contracts;

/// <summary>The name of an article.</summary>
public sealed class SkuAttribute() : TextAttribute(1, 64, "A-Za-z0-9._-");

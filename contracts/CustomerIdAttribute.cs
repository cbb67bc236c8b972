namespace Pipeline.Contracts;

/// <summary>The name of a customer.</summary>
public sealed class CustomerIdAttribute() : TextAttribute(1, 64, "A-Za-z0-9._-");

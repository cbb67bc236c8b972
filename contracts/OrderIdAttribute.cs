namespace Pipeline.Contracts;

/// <summary>The id of an order; short enough to be part of a partition key (80 characters) behind <c>parcel-</c>.</summary>
public sealed class OrderIdAttribute() : TextAttribute(1, 73, "A-Za-z0-9._~-");

namespace Pipeline.Contracts;

/// <summary>The id of an order; short enough to be part of a partition key (80 characters) behind <c>parcel-</c>.</summary>
public sealed class OrderIdAttribute() : TextAttribute(1, 73, "A-Za-z0-9._~-");

/// <summary>The name of an article.</summary>
public sealed class SkuAttribute() : TextAttribute(1, 64, "A-Za-z0-9._-");

/// <summary>The name of a customer.</summary>
public sealed class CustomerIdAttribute() : TextAttribute(1, 64, "A-Za-z0-9._-");

/// <summary>A currency: ISO 4217 code.</summary>
public sealed class CurrencyAttribute() : TextAttribute(3, 3, "A-Z");

/// <summary>An amount of money, not negative.</summary>
public sealed class MoneyAttribute() : NumberAttribute(0, 1_000_000_000_000);

/// <summary>A price of one piece, not negative.</summary>
public sealed class PriceAttribute() : NumberAttribute(0, 1_000_000_000);

/// <summary>A number of pieces, at least one.</summary>
public sealed class PiecesAttribute() : NumberAttribute(1, 1_000_000);

/// <summary>Why, in words for people.</summary>
public sealed class ReasonAttribute() : TextAttribute(0, 10_000);

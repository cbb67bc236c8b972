using Pipeline.Contracts;

namespace Pipeline.BookingApp;

/// <summary>A currency: ISO 4217 code.</summary>
public sealed class CurrencyAttribute() : TextAttribute(3, 3, "A-Z");

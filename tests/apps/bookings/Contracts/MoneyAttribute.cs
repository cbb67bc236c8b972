using Pipeline.Contracts;

namespace Pipeline.BookingApp;

/// <summary>An amount of money, not negative.</summary>
public sealed class MoneyAttribute() : NumberAttribute(0, 1_000_000_000);

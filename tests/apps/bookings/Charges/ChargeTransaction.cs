namespace Pipeline.BookingApp;

/// <summary>One movement of money at the gateway.</summary>
/// <param name="Key">The idempotency key that it was asked for with.</param>
/// <param name="Amount">How much.</param>
/// <param name="Currency">ISO 4217 code.</param>
/// <param name="Time">The time.</param>
/// <param name="Declined">Why nothing was moved; <see langword="null"/> if it was.</param>
public sealed record ChargeTransaction(string Key, decimal Amount, string Currency, DateTimeOffset Time, string? Declined = null);

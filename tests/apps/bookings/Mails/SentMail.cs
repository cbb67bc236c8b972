namespace Pipeline.BookingApp;

/// <summary>A mail as the provider took it.</summary>
/// <param name="Key">The idempotency key that it was sent under.</param>
/// <param name="To">The address.</param>
public sealed record SentMail(string Key, string To);

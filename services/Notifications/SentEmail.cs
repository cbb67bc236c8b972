namespace Pipeline.Services.Notifications;

/// <summary>An e-mail as the provider took it.</summary>
/// <param name="Key">The idempotency key that it was sent under.</param>
/// <param name="To">The address.</param>
/// <param name="Subject">The subject line.</param>
/// <param name="Time">When it was taken.</param>
public sealed record SentEmail(string Key, string To, string Subject, DateTimeOffset Time);

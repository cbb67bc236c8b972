using Pipeline.Services.Notifications;

namespace Pipeline.Functions;

internal sealed record NotificationsBody(string OrderId, string? CustomerId, IReadOnlyList<string> Sent, IReadOnlyList<string> Waiting, IReadOnlyList<SentEmail> Emails);

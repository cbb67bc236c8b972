using Pipeline.Contracts;

namespace Pipeline.BookingApp;

/// <summary>A guest was told about a booking. Nobody listens to it.</summary>
[Event("com.contoso.mails.mail-sent.v1", "mails", "{bookingId}")]
public sealed record MailSent([BookingId] string BookingId, [Text(1, 64)] string Kind);

/// <summary>The figures of a kind of room on a day have changed. A notification: it says where they are.</summary>
[Event("com.contoso.statistics.figures-changed.v1", "statistics", "statistics-{day:compact}-{room}", Kind = ContractKind.Notification)]
public sealed record FiguresChanged([Day] string Day, [Room] string Room, [Text(1, 200)] string Link);

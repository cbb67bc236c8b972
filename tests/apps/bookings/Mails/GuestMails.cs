using Pipeline.Consumers;
using Pipeline.Decisions;
using Pipeline.State;

namespace Pipeline.BookingApp;

/// <summary>The mails to the guest of one booking. The events come from Event Grid, in any order.</summary>
public sealed record GuestMails(IReadOnlyList<string> Sent)
{
    /// <summary>What mails are sent for.</summary>
    public static IReadOnlyList<string> Kinds { get; } = ["confirmation", "key"];

    /// <summary>Handles public events from Event Grid. The queue of the same name delivers replays.</summary>
    public static Consumer Mail { get; } = Consumer.Of("mail", "mails", new DocumentState<GuestMails>())
        .ByEventGrid("mails")
        .On<BookingMade, IMailGateway>((mails, made, _, gateway, cancellationToken) =>
            SendAsync(mails, made.BookingId, made.GuestId, "confirmation", gateway, cancellationToken))
        .On<KeyIssued, IMailGateway>((mails, issued, _, gateway, cancellationToken) =>
            SendAsync(mails, issued.BookingId, issued.GuestId, "key", gateway, cancellationToken));

    /// <summary>The gateway's key of a mail: one per booking and kind.</summary>
    public static string MailKey(string kind, string bookingId) => $"mail-{kind}-{bookingId}";

    private static async Task<Decision<GuestMails>> SendAsync(
        GuestMails? mails, string bookingId, string guestId, string kind, IMailGateway gateway, CancellationToken cancellationToken)
    {
        await gateway.SendAsync(MailKey(kind, bookingId), bookingId, guestId + "@example.com", cancellationToken);
        return Decision<GuestMails>.Save(new GuestMails([.. mails?.Sent ?? [], kind])).Publish(new MailSent(bookingId, kind));
    }
}

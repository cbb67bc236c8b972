using Pipeline.Replay;

namespace Pipeline.BookingApp;

/// <summary>Takes the place of the gateway in a dry run: sends nothing, and answers with the earlier mail of the key.</summary>
internal sealed class DryRunMailGateway(IMailGateway real, GatewayCalls calls) : IMailGateway
{
    public Task<SentMail> SendAsync(string key, string bookingId, string to, CancellationToken cancellationToken) => calls.CallAsync(
        nameof(SendAsync),
        key,
        new() { ["key"] = key, ["bookingId"] = bookingId, ["to"] = to },
        GatewayJson.Default.SentMail,
        async () => (await real.FindAsync(bookingId, cancellationToken)).FirstOrDefault(mail => mail.Key == key),
        () => new(key, to));

    public Task<IReadOnlyList<SentMail>> FindAsync(string bookingId, CancellationToken cancellationToken) => calls.ReadAsync(
        nameof(FindAsync), new() { ["bookingId"] = bookingId }, GatewayJson.Default.IReadOnlyListSentMail, () => real.FindAsync(bookingId, cancellationToken));
}

using Microsoft.Azure.Cosmos;

namespace Pipeline.BookingApp;

/// <summary>Keeps each mail and sends none.</summary>
public sealed class SimulatedMailGateway(Container container) : IMailGateway
{
    private readonly GatewayAnswers<SentMail> _answers = new(container, "mail", GatewayJson.Default.GatewayRecordSentMail);

    public Task<SentMail> SendAsync(string key, string bookingId, string to, CancellationToken cancellationToken) =>
        _answers.KeepAsync(key, bookingId, new(key, to), cancellationToken);

    public async Task<IReadOnlyList<SentMail>> FindAsync(string bookingId, CancellationToken cancellationToken) =>
        [.. (await Task.WhenAll(GuestMails.Kinds.Select(kind => _answers.FindAsync(GuestMails.MailKey(kind, bookingId), bookingId, cancellationToken)))).OfType<SentMail>()];
}

namespace Pipeline.BookingApp;

/// <summary>Sends mails. One key is one mail, however often it is asked for.</summary>
public interface IMailGateway
{
    /// <summary>Sends a mail, or returns the one that was sent under this key before.</summary>
    Task<SentMail> SendAsync(string key, string bookingId, string to, CancellationToken cancellationToken);

    /// <summary>Gets all mails about a booking, as the provider has them.</summary>
    Task<IReadOnlyList<SentMail>> FindAsync(string bookingId, CancellationToken cancellationToken);
}

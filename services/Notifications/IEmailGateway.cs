namespace Pipeline.Services.Notifications;

/// <summary>Sends e-mails. One key is one e-mail, however often it is asked for.</summary>
public interface IEmailGateway
{
    /// <summary>Sends an e-mail, or returns the one that was sent under this key before.</summary>
    /// <param name="key">The idempotency key.</param>
    /// <param name="orderId">The order that it is about.</param>
    /// <param name="to">The address.</param>
    /// <param name="subject">The subject line.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    Task<SentEmail> SendAsync(string key, string orderId, string to, string subject, CancellationToken cancellationToken);

    /// <summary>All e-mails about an order, as the provider has them.</summary>
    Task<IReadOnlyList<SentEmail>> FindAsync(string orderId, CancellationToken cancellationToken);
}

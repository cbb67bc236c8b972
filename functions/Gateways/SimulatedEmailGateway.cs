using Microsoft.Azure.Cosmos;
using Pipeline.Services.Notifications;

namespace Pipeline.Functions.Gateways;

/// <summary>Simulates an e-mail provider: stores each e-mail under its key and sends nothing.</summary>
public sealed class SimulatedEmailGateway(Container container, TimeProvider clock) : IEmailGateway
{
    private static readonly string[] Keys = ["confirmation", "shipped", "cancelled"];

    private readonly IdempotencyStore<StoredEmail> _kept = new(container, EmailJson.Default.StoredEmail);

    /// <inheritdoc/>
    public async Task<SentEmail> SendAsync(string key, string orderId, string to, string subject, CancellationToken cancellationToken)
    {
        var email = new SentEmail(key, to, subject, clock.GetUtcNow());
        return (await _kept.KeepAsync(key, orderId, new StoredEmail { Id = key, Partition = orderId, Email = email }, cancellationToken)).Email;
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<SentEmail>> FindAsync(string orderId, CancellationToken cancellationToken)
    {
        var found = await Task.WhenAll(Keys.Select(kind => _kept.FindAsync($"mail-{kind}-{orderId}", orderId, cancellationToken)));
        return [.. found.OfType<StoredEmail>().Select(e => e.Email).OrderBy(e => e.Time)];
    }
}

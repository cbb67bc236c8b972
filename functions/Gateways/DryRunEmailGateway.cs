using Pipeline.Replay;
using Pipeline.Services.Notifications;

namespace Pipeline.Functions.Gateways;

/// <summary>The e-mail gateway of a dry run: sends nothing, and answers with the earlier e-mail of the key.</summary>
public sealed class DryRunEmailGateway(IEmailGateway real, GatewayCalls calls, TimeProvider clock) : IEmailGateway
{
    /// <inheritdoc/>
    public Task<SentEmail> SendAsync(string key, string orderId, string to, string subject, CancellationToken cancellationToken) => calls.CallAsync(
        nameof(SendAsync),
        key,
        new() { ["key"] = key, ["orderId"] = orderId, ["to"] = to, ["subject"] = subject },
        EmailJson.Default.SentEmail,
        async () => (await real.FindAsync(orderId, cancellationToken)).FirstOrDefault(email => email.Key == key),
        () => new(key, to, subject, clock.GetUtcNow()));

    /// <inheritdoc/>
    public Task<IReadOnlyList<SentEmail>> FindAsync(string orderId, CancellationToken cancellationToken) => calls.ReadAsync(
        nameof(FindAsync), new() { ["orderId"] = orderId }, EmailJson.Default.IReadOnlyListSentEmail, () => real.FindAsync(orderId, cancellationToken));
}

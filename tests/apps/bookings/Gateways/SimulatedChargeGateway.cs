using Microsoft.Azure.Cosmos;

namespace Pipeline.BookingApp;

/// <summary>Charges all guests but one.</summary>
public sealed class SimulatedChargeGateway(Container container, TimeProvider clock) : IChargeGateway
{
    /// <summary>The guest whose charges are declined.</summary>
    public const string DeclinedGuest = "guest-declined";

    private readonly GatewayAnswers<ChargeTransaction> _answers = new(container, "charge", GatewayJson.Default.GatewayRecordChargeTransaction);

    public Task<ChargeTransaction> ChargeAsync(string key, string bookingId, string guestId, decimal amount, string currency, CancellationToken cancellationToken) => _answers.KeepAsync(
        key, bookingId, new(key, amount, currency, clock.GetUtcNow(), guestId == DeclinedGuest ? "The charge was declined." : null), cancellationToken);

    public Task<ChargeTransaction> RefundAsync(string key, string bookingId, decimal amount, string currency, CancellationToken cancellationToken) =>
        _answers.KeepAsync(key, bookingId, new(key, amount, currency, clock.GetUtcNow()), cancellationToken);

    public Task<ChargeTransaction?> FindAsync(string key, string bookingId, CancellationToken cancellationToken) => _answers.FindAsync(key, bookingId, cancellationToken);
}

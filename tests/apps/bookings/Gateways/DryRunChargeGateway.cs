using Pipeline.Replay;

namespace Pipeline.BookingApp;

/// <summary>Takes the place of the gateway in a dry run: charges nobody, and answers with the earlier transaction of the key.</summary>
internal sealed class DryRunChargeGateway(IChargeGateway real, GatewayCalls calls, TimeProvider clock) : IChargeGateway
{
    public Task<ChargeTransaction> ChargeAsync(string key, string bookingId, string guestId, decimal amount, string currency, CancellationToken cancellationToken) => calls.CallAsync(
        nameof(ChargeAsync), key, new() { ["key"] = key, ["bookingId"] = bookingId, ["guestId"] = guestId, ["amount"] = amount, ["currency"] = currency },
        GatewayJson.Default.ChargeTransaction, () => real.FindAsync(key, bookingId, cancellationToken), () => new(key, amount, currency, clock.GetUtcNow()));

    public Task<ChargeTransaction> RefundAsync(string key, string bookingId, decimal amount, string currency, CancellationToken cancellationToken) => calls.CallAsync(
        nameof(RefundAsync), key, new() { ["key"] = key, ["bookingId"] = bookingId, ["amount"] = amount, ["currency"] = currency },
        GatewayJson.Default.ChargeTransaction, () => real.FindAsync(key, bookingId, cancellationToken), () => new(key, amount, currency, clock.GetUtcNow()));

    public Task<ChargeTransaction?> FindAsync(string key, string bookingId, CancellationToken cancellationToken) => calls.FindAsync(
        nameof(FindAsync), key, new() { ["key"] = key, ["bookingId"] = bookingId },
        GatewayJson.Default.ChargeTransaction, () => real.FindAsync(key, bookingId, cancellationToken));
}

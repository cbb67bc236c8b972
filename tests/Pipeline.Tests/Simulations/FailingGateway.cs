using Pipeline.BookingApp;

namespace Pipeline.Tests;

/// <summary>A gateway of charges that refuses to work until the fault is lifted, for all bookings or for some.</summary>
internal sealed class FailingGateway(bool failing, Func<string, bool>? whichBookings = null) : FailingCalls(failing, whichBookings), IChargeGateway
{
    private IChargeGateway? _inner;

    public FailingGateway Over(IChargeGateway inner)
    {
        _inner = inner;
        return this;
    }

    public async Task<ChargeTransaction> ChargeAsync(
        string key, string bookingId, string guestId, decimal amount, string currency, CancellationToken cancellationToken)
    {
        await ThrowIfFailingAsync(bookingId);
        return await _inner!.ChargeAsync(key, bookingId, guestId, amount, currency, cancellationToken);
    }

    public async Task<ChargeTransaction> RefundAsync(string key, string bookingId, decimal amount, string currency, CancellationToken cancellationToken)
    {
        await ThrowIfFailingAsync(bookingId);
        return await _inner!.RefundAsync(key, bookingId, amount, currency, cancellationToken);
    }

    public Task<ChargeTransaction?> FindAsync(string key, string bookingId, CancellationToken cancellationToken) =>
        _inner!.FindAsync(key, bookingId, cancellationToken);
}

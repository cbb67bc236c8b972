using Pipeline.Services.Payments;

namespace Pipeline.Tests;

/// <summary>A payment gateway that refuses to work until the fault is lifted, for all orders or for some.</summary>
internal sealed class FailingGateway(bool failing, Func<string, bool>? whichOrders = null) : FailingCalls(failing, whichOrders), IPaymentGateway
{
    private IPaymentGateway? _inner;

    public FailingGateway Over(IPaymentGateway inner)
    {
        _inner = inner;
        return this;
    }

    public async Task<GatewayTransaction> ChargeAsync(
        string key, string orderId, string customerId, decimal amount, string currency, CancellationToken cancellationToken)
    {
        await ThrowIfFailingAsync(orderId);
        return await _inner!.ChargeAsync(key, orderId, customerId, amount, currency, cancellationToken);
    }

    public async Task<GatewayTransaction> RefundAsync(string key, string orderId, decimal amount, string currency, CancellationToken cancellationToken)
    {
        await ThrowIfFailingAsync(orderId);
        return await _inner!.RefundAsync(key, orderId, amount, currency, cancellationToken);
    }

    public Task<GatewayTransaction?> FindAsync(string key, string orderId, CancellationToken cancellationToken) =>
        _inner!.FindAsync(key, orderId, cancellationToken);
}

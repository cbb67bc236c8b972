using Pipeline.Failures;
using Pipeline.Services.Payments;

namespace Pipeline.Tests;

/// <summary>A payment gateway that refuses to work until the fault is lifted, for all orders or for some.</summary>
internal sealed class FailingGateway(bool failing, Func<string, bool>? whichOrders = null) : IPaymentGateway
{
    private IPaymentGateway? _inner;
    private volatile bool _failing = failing;

    /// <summary>Whether the failure is thrown as permanent (given up at once) or as one that may pass.</summary>
    public bool IsPermanent { get; set; } = true;

    /// <summary>Runs in every call, before anything else.</summary>
    public Func<Task>? OnCall { get; set; }

    public int Calls { get; private set; }

    public void Lift() => _failing = false;

    public void Break() => _failing = true;

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

    private async Task ThrowIfFailingAsync(string orderId)
    {
        Calls++;
        if (OnCall is { } onCall)
            await onCall();
        if (_failing && (whichOrders is null || whichOrders(orderId)))
            throw IsPermanent ? new PermanentFailureException("The gateway is broken.") : new TimeoutException("The gateway does not answer.");
    }
}

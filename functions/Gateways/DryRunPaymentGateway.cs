using Pipeline.Replay;
using Pipeline.Services.Payments;

namespace Pipeline.Functions.Gateways;

/// <summary>The payment gateway of a dry run: moves no money, and answers with the earlier transaction of the key.</summary>
public sealed class DryRunPaymentGateway(IPaymentGateway real, GatewayCalls calls, TimeProvider clock) : IPaymentGateway
{
    /// <inheritdoc/>
    public Task<GatewayTransaction> ChargeAsync(
        string key, string orderId, string customerId, decimal amount, string currency, CancellationToken cancellationToken) => calls.CallAsync(
            nameof(ChargeAsync), key, new() { ["key"] = key, ["orderId"] = orderId, ["customerId"] = customerId, ["amount"] = amount, ["currency"] = currency },
            PaymentJson.Default.GatewayTransaction, () => real.FindAsync(key, orderId, cancellationToken), () => new(key, amount, currency, clock.GetUtcNow()));

    /// <inheritdoc/>
    public Task<GatewayTransaction> RefundAsync(string key, string orderId, decimal amount, string currency, CancellationToken cancellationToken) => calls.CallAsync(
        nameof(RefundAsync), key, new() { ["key"] = key, ["orderId"] = orderId, ["amount"] = amount, ["currency"] = currency },
        PaymentJson.Default.GatewayTransaction, () => real.FindAsync(key, orderId, cancellationToken), () => new(key, amount, currency, clock.GetUtcNow()));

    /// <inheritdoc/>
    public Task<GatewayTransaction?> FindAsync(string key, string orderId, CancellationToken cancellationToken) => calls.FindAsync(
        nameof(FindAsync), key, new() { ["key"] = key, ["orderId"] = orderId },
        PaymentJson.Default.GatewayTransaction, () => real.FindAsync(key, orderId, cancellationToken));
}

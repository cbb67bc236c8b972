using Microsoft.Azure.Cosmos;
using Pipeline.Services.Payments;

namespace Pipeline.Functions.Gateways;

/// <summary>
/// Simulates a payment provider: stores each call under its key, in a container of its own that no service
/// reads, and declines what the customer <c>customer-declined</c> is charged.
/// </summary>
public sealed class SimulatedPaymentGateway(Container container, TimeProvider clock) : IPaymentGateway
{
    /// <summary>The customer whose payments are declined.</summary>
    public const string DeclinedCustomer = "customer-declined";

    private readonly IdempotencyStore<StoredTransaction> _kept = new(container, PaymentJson.Default.StoredTransaction);

    /// <inheritdoc/>
    public Task<GatewayTransaction> ChargeAsync(
        string key, string orderId, string customerId, decimal amount, string currency, CancellationToken cancellationToken) =>
        OnceAsync(
            orderId,
            new GatewayTransaction(key, amount, currency, clock.GetUtcNow(), customerId == DeclinedCustomer ? "The payment was declined." : null),
            cancellationToken);

    /// <inheritdoc/>
    public Task<GatewayTransaction> RefundAsync(string key, string orderId, decimal amount, string currency, CancellationToken cancellationToken) =>
        OnceAsync(orderId, new GatewayTransaction(key, amount, currency, clock.GetUtcNow()), cancellationToken);

    /// <inheritdoc/>
    public async Task<GatewayTransaction?> FindAsync(string key, string orderId, CancellationToken cancellationToken) =>
        (await _kept.FindAsync(key, orderId, cancellationToken))?.Transaction;

    private async Task<GatewayTransaction> OnceAsync(string orderId, GatewayTransaction transaction, CancellationToken cancellationToken)
    {
        var stored = new StoredTransaction { Id = transaction.Key, Partition = orderId, Transaction = transaction };
        return (await _kept.KeepAsync(transaction.Key, orderId, stored, cancellationToken)).Transaction;
    }
}

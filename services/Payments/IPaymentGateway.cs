namespace Pipeline.Services.Payments;

/// <summary>
/// The port to the payment provider. Every call carries an idempotency key: calling again with the same key answers
/// with the outcome of the first call. A transient failure is thrown; a decline is an answer.
/// </summary>
public interface IPaymentGateway
{
    /// <summary>Charges a customer.</summary>
    Task<GatewayTransaction> ChargeAsync(string key, string orderId, string customerId, decimal amount, string currency, CancellationToken cancellationToken);

    /// <summary>Refunds a charge.</summary>
    Task<GatewayTransaction> RefundAsync(string key, string orderId, decimal amount, string currency, CancellationToken cancellationToken);

    /// <summary>The outcome of an earlier call, by its key; <see langword="null"/> if there was none.</summary>
    Task<GatewayTransaction?> FindAsync(string key, string orderId, CancellationToken cancellationToken);
}

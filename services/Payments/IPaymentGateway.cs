namespace Pipeline.Services.Payments;

/// <summary>
/// The port to whoever moves the money. Every call carries an idempotency key: calling again with the same key answers
/// with the outcome of the first call. A failure that may pass is thrown; a decline is an answer.
/// </summary>
public interface IPaymentGateway
{
    /// <summary>Charges a customer.</summary>
    Task<GatewayTransaction> ChargeAsync(string key, string orderId, string customerId, decimal amount, string currency, CancellationToken cancellationToken);

    /// <summary>Gives a charge back.</summary>
    Task<GatewayTransaction> RefundAsync(string key, string orderId, decimal amount, string currency, CancellationToken cancellationToken);

    /// <summary>The outcome of an earlier call, by its key; <see langword="null"/> if there was none.</summary>
    Task<GatewayTransaction?> FindAsync(string key, string orderId, CancellationToken cancellationToken);
}

using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Pipeline.AzureFunctions.Http;
using Pipeline.Commands;
using Pipeline.Services.Payments;
using Pipeline.Storage;
using static Pipeline.AzureFunctions.Http.Answers;
using static Pipeline.AzureFunctions.Http.Requests;

namespace Pipeline.Functions;

/// <summary>Payments over HTTP, in the records of the service and of the gateway.</summary>
public sealed class PaymentsApi(CommandRunner<Payment> commands, IPaymentGateway gateway)
{
    /// <summary><c>GET /api/payments/{orderId}</c>: the payment of an order, or 404.</summary>
    [Function("get-payment")]
    [ApiOperation("Returns the payment of an order.", Returns = typeof(PaymentBody))]
    public async Task<IResult> Get(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "payments/{orderId}")] HttpRequest request, string orderId, CancellationToken cancellationToken)
    {
        if (Ids.PartitionError(orderId) is not null)
            return NotFound($"payment of an order '{orderId}'");
        return await GuardAsync(request, async () =>
        {
            var (payment, _) = await commands.ReadAsync(orderId, cancellationToken);
            if (payment is null)
                return NotFound($"payment of an order '{orderId}'");
            var charge = await gateway.FindAsync(Payment.ChargeKey(orderId), orderId, cancellationToken);
            var refund = await gateway.FindAsync(Payment.RefundKey(orderId), orderId, cancellationToken);
            return Results.Json(
                new PaymentBody(orderId, payment.Status, payment.Amount, payment.Currency, MovementsOf(charge), MovementsOf(refund)), SampleJson.Readable.PaymentBody);
        });
    }

    private static MovementBody[] MovementsOf(GatewayTransaction? transaction) =>
        transaction is { Declined: null } t ? [new MovementBody(t.Key, t.Amount, t.Time)] : [];
}

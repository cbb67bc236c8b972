using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Pipeline.Commands;
using Pipeline.Contracts;
using Pipeline.Partitions;
using Pipeline.Services.Inventory;
using Pipeline.Services.Ordering;
using Pipeline.Services.Payments;
using static Pipeline.Functions.Requests;

namespace Pipeline.Functions;

/// <summary>Stock over HTTP.</summary>
public sealed class StockApi(CommandRunner<SkuStock> commands)
{
    private const int MaxOnHand = 1_000_000_000;

    /// <summary><c>PUT /api/stock/{sku}</c>: sets how many pieces there are; 409 if more are reserved.</summary>
    [Function("set-stock")]
    public async Task<IResult> Set(
        [HttpTrigger(AuthorizationLevel.Function, "put", Route = "stock/{sku}")] HttpRequest request, string sku, CancellationToken cancellationToken)
    {
        if (WhyHidden(("sku", sku)) is { } hidden)
            return hidden;
        if (!IsSku(sku))
            return Problem(400, "The article's name is invalid", "Use 1 to 64 letters, digits, '.', '_' or '-', and not just '.' or '..'.");
        if (!TryReadIdempotencyKey(request, isRequired: false, out var key, out var refusal))
            return refusal;
        var body = await ReadJsonAsync(request, ApiJson.Readable.SetStockBody, cancellationToken);
        if (body.IsRefused)
            return body.Refusal!;
        if (body.Value.OnHand is not { } onHand || onHand is < 0 or > MaxOnHand)
        {
            return Problem(
                400, "The stock is invalid", "Say how many pieces there are.",
                new Dictionary<string, string[]>(StringComparer.Ordinal) { ["onHand"] = [$"must be a whole number from 0 to {MaxOnHand}"] });
        }

        try
        {
            var result = await commands.RunAsync(
                new HttpCommand { Partition = ContractCatalog.StockPartition(sku), IdempotencyKey = key, RequestHash = body.Hash, Type = "SetStock" },
                (stock, _) => SkuStock.SetOnHand(stock, sku, onHand),
                cancellationToken);
            return result.Outcome switch
            {
                CommandOutcome.Refused => Problem(409, result.Refusal!.Code, result.Refusal.Reason),
                CommandOutcome.KeyReused => Problem(422, "Idempotency-Key was used for another request", "Use a new key for a new request."),
                _ => Show(result.State!),
            };
        }
        catch (Exception e) when (e is StoreUnavailableException or DamagedPartitionException)
        {
            return Unavailable(request, e);
        }
    }

    /// <summary><c>GET /api/stock/{sku}</c>: what there is and what is reserved, or 404.</summary>
    [Function("get-stock")]
    public async Task<IResult> Get(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "stock/{sku}")] HttpRequest request, string sku, CancellationToken cancellationToken)
    {
        if (!IsSku(sku))
            return NotFound($"article '{sku}'");
        try
        {
            var (stock, _) = await commands.ReadAsync(ContractCatalog.StockPartition(sku), cancellationToken);
            return stock is null ? NotFound($"article '{sku}'") : Show(stock);
        }
        catch (Exception e) when (e is StoreUnavailableException or DamagedPartitionException)
        {
            return Unavailable(request, e);
        }
    }

    private static bool IsSku(string sku) => PlaceOrder.IsName(sku);

    private static IResult Show(SkuStock stock) =>
        Results.Json(new StockBody(stock.Sku, stock.OnHand, stock.Reserved, stock.Available), ApiJson.Readable.StockBody);
}

/// <summary>Payments over HTTP, as the service sees them and as the gateway has them.</summary>
public sealed class PaymentsApi(CommandRunner<Payment> commands, IPaymentGateway gateway)
{
    /// <summary><c>GET /api/payments/{orderId}</c>: the payment of an order, or 404.</summary>
    [Function("get-payment")]
    public async Task<IResult> Get(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "payments/{orderId}")] HttpRequest request, string orderId, CancellationToken cancellationToken)
    {
        if (Messages.Ids.WhyInvalidPartition(orderId) is not null)
            return NotFound($"payment of an order '{orderId}'");
        try
        {
            var (payment, _) = await commands.ReadAsync(orderId, cancellationToken);
            if (payment is null)
                return NotFound($"payment of an order '{orderId}'");
            var charge = await gateway.FindAsync(Payment.ChargeKey(orderId), orderId, cancellationToken);
            var refund = await gateway.FindAsync(Payment.RefundKey(orderId), orderId, cancellationToken);
            return Results.Json(
                new PaymentBody(orderId, payment.Status, payment.Amount, payment.Currency, MovementsOf(charge), MovementsOf(refund)), ApiJson.Readable.PaymentBody);
        }
        catch (Exception e) when (e is StoreUnavailableException or DamagedPartitionException)
        {
            return Unavailable(request, e);
        }
    }

    private static MovementBody[] MovementsOf(GatewayTransaction? transaction) =>
        transaction is { Declined: null } t ? [new MovementBody(t.Key, t.Amount, t.Time)] : [];
}

using Microsoft.Extensions.DependencyInjection;
using Pipeline.Commands;
using Pipeline.Services.Inventory;
using Pipeline.Services.Ordering;

namespace Pipeline.Tests;

/// <content>The commands of the sample.</content>
internal sealed partial class SimulatedProcess
{
    public CommandRunner<Order> Orders => Services.GetRequiredService<CommandRunner<Order>>();

    public CommandRunner<SkuStock> Stock => Services.GetRequiredService<CommandRunner<SkuStock>>();

    /// <summary>Places an order the way the HTTP function does.</summary>
    public Task<CommandResult<Order>> PlaceAsync(string key, string customer = "c-1", params (string Sku, int Quantity)[] lines)
    {
        var orderId = "o-" + key;
        var order = new PlaceOrder
        {
            CustomerId = customer,
            Currency = "EUR",
            Lines = [.. lines.Select(l => new PlaceOrderLine { Sku = l.Sku, Quantity = l.Quantity, UnitPrice = 10m })],
        };
        return Orders.RunAsync(
            new HttpCommand { Partition = orderId, IdempotencyKey = key, RequestHash = key, Type = "PlaceOrder" },
            (state, _) => OrderDecisions.Place(state, order, orderId),
            CancellationToken.None);
    }

    public Task<CommandResult<Order>> CancelAsync(string orderId) => Orders.RunAsync(
        new HttpCommand { Partition = orderId, IdempotencyKey = "cancel", RequestHash = "", Type = "CancelOrder" },
        (order, context) => OrderDecisions.CancelByCustomer(order, "Changed my mind.", context),
        CancellationToken.None);

    public Task SetStockAsync(string sku, int onHand) => Stock.RunAsync(
        new HttpCommand { Partition = "sku-" + sku, IdempotencyKey = Invariant($"set-{onHand}"), RequestHash = "", Type = "SetStock" },
        (stock, _) => SkuStock.SetOnHand(stock, sku, onHand),
        CancellationToken.None);
}

using Pipeline.Consumers;
using Pipeline.Contracts.Inventory;
using Pipeline.Decisions;
using Pipeline.Failures;
using Pipeline.State;

namespace Pipeline.Services.Inventory;

/// <summary>One article in stock. It has only counts: the reservations have the orders, and every command takes effect once.</summary>
/// <param name="Sku">The article.</param>
/// <param name="OnHand">Pieces there are.</param>
/// <param name="Reserved">Pieces of these that are held for orders.</param>
public sealed record SkuStock(string Sku, int OnHand, int Reserved)
{
    /// <summary>Pieces that can still be reserved.</summary>
    public int Available => OnHand - Reserved;

    /// <summary>The definition of the stored state.</summary>
    public static DocumentState<SkuStock> Document { get; } = new(InventoryJson.Default.SkuStock);

    /// <summary>Handles the commands to an article.</summary>
    public static Consumer Commands { get; } = Consumer.Of("stock", "inventory", Document)
        .On<ReserveStock>(Reserve)
        .On<ReleaseStock>(Release);

    /// <summary>Sets how many pieces there are; idempotent.</summary>
    public static Decision<SkuStock> SetOnHand(SkuStock? stock, string sku, int onHand)
    {
        var reserved = stock?.Reserved ?? 0;
        return onHand < reserved
            ? Decision<SkuStock>.Refuse("stock-reserved", string.Create(CultureInfo.InvariantCulture,
                $"{reserved} pieces of '{sku}' are reserved; there cannot be only {onHand}."))
            : Decision<SkuStock>.Save(new SkuStock(sku, onHand, reserved));
    }

    private static Decision<SkuStock> Reserve(SkuStock? stock, ReserveStock command, HandlerContext context)
    {
        var available = stock?.Available ?? 0;
        return available >= command.Quantity
            ? Decision<SkuStock>.Save(stock! with { Reserved = stock.Reserved + command.Quantity }).Publish(new StockHeld(command.OrderId, command.Sku))
            : Decision<SkuStock>.Nothing().Publish(new StockRefused(command.OrderId, command.Sku, available));
    }

    private static Decision<SkuStock> Release(SkuStock? stock, ReleaseStock command, HandlerContext context) =>
        stock is not null && stock.Reserved >= command.Quantity
            ? Decision<SkuStock>.Save(stock with { Reserved = stock.Reserved - command.Quantity })
            : throw new PermanentFailureException(
                string.Create(CultureInfo.InvariantCulture,
                    $"{command.Quantity} pieces of '{command.Sku}' are to be released for '{command.OrderId}', but {stock?.Reserved ?? 0} are reserved."));
}

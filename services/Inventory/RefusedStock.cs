using Pipeline.Consumers;
using Pipeline.Contracts.Inventory;

namespace Pipeline.Services.Inventory;

/// <summary>The part of a refusal that a reservation reads.</summary>
internal sealed record RefusedStock(string OrderId, string Sku)
{
    public static ConsumedMessage<RefusedStock> View { get; } = ConsumedMessage.Of<StockRefused, RefusedStock>(InventoryJson.Default);
}

using Pipeline.Consumers;
using Pipeline.Contracts.Inventory;

namespace Pipeline.Services.Ordering;

/// <summary>What an order reads of lacking stock.</summary>
internal sealed record LackingStock(IReadOnlyList<string> Skus)
{
    public static ConsumedMessage<LackingStock> View { get; } = Views.Of<StockInsufficient, LackingStock>(OrderingJson.Default);
}

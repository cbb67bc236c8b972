using Pipeline.Consumers;
using Pipeline.Contracts.Inventory;

namespace Pipeline.Services.Ordering;

/// <summary>The part of lacking stock that an order reads.</summary>
internal sealed record LackingStock(IReadOnlyList<string> Skus)
{
    public static ConsumedMessage<LackingStock> View { get; } = ConsumedMessage.Of<StockInsufficient, LackingStock>(OrderingJson.Default);
}

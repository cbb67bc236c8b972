using Pipeline.Consumers;
using Pipeline.Contracts.Ordering;

namespace Pipeline.Services.Notifications;

/// <summary>The part of an order; still in version 1, which has all that it needs that Notifications reads.</summary>
internal sealed record PlacedOrder(string OrderId, string CustomerId)
{
    public static ConsumedMessage<PlacedOrder> View { get; } = ConsumedMessage.Of<OrderPlaced, PlacedOrder>(NotificationsJson.Default);
}

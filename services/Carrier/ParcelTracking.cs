using Pipeline.Consumers;
using Pipeline.Contracts.Carrier;
using Pipeline.Contracts.Shipping;
using Pipeline.Decisions;
using Pipeline.State;

namespace Pipeline.Services.Carrier;

/// <summary>What the carrier told about an order's parcel.</summary>
/// <param name="OrderId">The order.</param>
/// <param name="DeliveredAt">When it was handed over.</param>
/// <param name="SignedBy">Who signed; <see langword="null"/> where nobody had to.</param>
public sealed record ParcelTracking(string OrderId, DateTimeOffset DeliveredAt, string? SignedBy)
{
    /// <summary>How it is stored.</summary>
    public static DocumentState<ParcelTracking> Document { get; } = new(ParcelJson.Default.ParcelTracking);

    /// <summary>What Shipping does with what the carrier's webhook brings.</summary>
    public static Consumer OnCarrier { get; } = Consumer
        .Of("webhooks/carrier", "shipping", Document)
        .Unordered()
        .On<ParcelDelivered>(Deliver);

    private static Decision<ParcelTracking> Deliver(ParcelTracking? parcel, ParcelDelivered delivered, HandlerContext context)
    {
        // A carrier may report the same delivery twice under two ids; the first one counts.
        if (parcel is not null)
            return Decision<ParcelTracking>.Nothing();
        return Decision<ParcelTracking>
            .Save(new ParcelTracking(delivered.OrderId, delivered.DeliveredAt, delivered.SignedBy))
            .Publish(new OrderDelivered(delivered.OrderId, delivered.DeliveredAt));
    }
}

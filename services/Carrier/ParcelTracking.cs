using Pipeline.Consumers;
using Pipeline.Contracts.Carrier;
using Pipeline.Contracts.Shipping;
using Pipeline.Decisions;
using Pipeline.State;

namespace Pipeline.Services.Carrier;

/// <summary>The delivery of an order's parcel, reported by the carrier.</summary>
/// <param name="OrderId">The order.</param>
/// <param name="DeliveredAt">When it was handed over.</param>
/// <param name="SignedBy">Who signed; <see langword="null"/> if no signature was required.</param>
public sealed record ParcelTracking(string OrderId, DateTimeOffset DeliveredAt, string? SignedBy)
{
    /// <summary>The definition of the stored state.</summary>
    public static DocumentState<ParcelTracking> Document { get; } = new(ParcelJson.Default.ParcelTracking);

    /// <summary>Handles the events of the carrier's webhook.</summary>
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

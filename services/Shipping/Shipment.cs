using Pipeline.Consumers;
using Pipeline.Contracts.Shipping;
using Pipeline.Decisions;
using Pipeline.State;

namespace Pipeline.Services.Shipping;

/// <summary>
/// The shipment of one order. It takes customer and items from OrderPlaced, so that it need not query Ordering, and books the
/// parcel once the order is paid. The events come from different topics, in any order; the last one triggers the booking.
/// </summary>
public sealed record Shipment
{
    /// <summary>Gets the id of the order.</summary>
    public required string OrderId { get; init; }

    /// <summary>Gets the status.</summary>
    public ShipmentStatus Status { get; init; }

    /// <summary>Gets the customer; <see langword="null"/> until OrderPlaced was received.</summary>
    public string? CustomerId { get; init; }

    /// <summary>Gets the items of the parcel; <see langword="null"/> until OrderPlaced was received.</summary>
    public IReadOnlyList<ParcelItem>? Items { get; init; }

    /// <summary>Whether the order is paid.</summary>
    public bool IsPaid { get; init; }

    /// <summary>Gets the carrier; <see langword="null"/> until it was shipped.</summary>
    public string? Carrier { get; init; }

    /// <summary>Gets the carrier's tracking number; <see langword="null"/> until it was shipped.</summary>
    public string? TrackingNumber { get; init; }

    /// <summary>The definition of the stored state.</summary>
    public static DocumentState<Shipment> Document { get; } = new(ShippingJson.Default.Shipment);

    /// <summary>Handles the events of Ordering.</summary>
    public static Consumer OnOrdering { get; } = Consumer.Of("ordering/shipping", "shipping", Document)
        .On<PlacedOrder, ICarrierGateway>(PlacedOrder.View, PlacedAsync)
        .On<CancelledOrder, ICarrierGateway>(CancelledOrder.View, CancelledAsync);

    /// <summary>Handles the events of Payments.</summary>
    public static Consumer OnPayments { get; } = Consumer.Of("payments/shipping", "shipping", Document)
        .On<PaidOrder, ICarrierGateway>(PaidOrder.View, PaidAsync);

    /// <summary>The carrier's key of an order's parcel: one per order, whatever message leads to it.</summary>
    public static string BookingKey(string orderId) => "book-" + orderId;

    /// <summary>The carrier's key of the recall of an order's parcel.</summary>
    public static string RecallKey(string orderId) => "recall-" + orderId;

    internal static Task<Decision<Shipment>> PlacedAsync(
        Shipment? shipment, PlacedOrder order, HandlerContext context, ICarrierGateway carrier, CancellationToken cancellationToken) =>
        ShipWhenDueAsync(
            (shipment ?? new Shipment { OrderId = order.OrderId }) with
            {
                CustomerId = order.CustomerId,
                Items = [.. order.Lines.Select(line => new ParcelItem(line.Sku, line.Quantity))],
            },
            carrier,
            cancellationToken);

    internal static Task<Decision<Shipment>> PaidAsync(
        Shipment? shipment, PaidOrder received, HandlerContext context, ICarrierGateway carrier, CancellationToken cancellationToken) =>
        ShipWhenDueAsync((shipment ?? new Shipment { OrderId = received.OrderId }) with { IsPaid = true }, carrier, cancellationToken);

    internal static async Task<Decision<Shipment>> CancelledAsync(
        Shipment? shipment, CancelledOrder received, HandlerContext context, ICarrierGateway carrier, CancellationToken cancellationToken)
    {
        shipment ??= new Shipment { OrderId = received.OrderId };
        return shipment.Status switch
        {
            ShipmentStatus.Open => await CancelAsync(shipment, carrier, cancellationToken),
            ShipmentStatus.Shipped => await RecallAsync(shipment, shipment.Carrier!, shipment.TrackingNumber!, carrier, cancellationToken),
            _ => Decision<Shipment>.Nothing(),
        };
    }

    private static async Task<Decision<Shipment>> ShipWhenDueAsync(Shipment shipment, ICarrierGateway carrier, CancellationToken cancellationToken)
    {
        if (shipment is not { IsPaid: true, Items: { } items, CustomerId: { } customerId })
            return Decision<Shipment>.Save(shipment);
        switch (shipment.Status)
        {
            case ShipmentStatus.Open:
                var booking = await carrier.BookAsync(BookingKey(shipment.OrderId), shipment.OrderId, customerId, items, cancellationToken);
                return booking.Declined is { } declined
                    ? Decision<Shipment>.Save(shipment with { Status = ShipmentStatus.Failed }).Publish(new ShipmentFailed(shipment.OrderId, declined))
                    : Decision<Shipment>
                        .Save(shipment with { Status = ShipmentStatus.Shipped, Carrier = booking.Carrier, TrackingNumber = booking.TrackingNumber })
                        .Publish(new OrderShipped(shipment.OrderId, booking.Carrier, booking.TrackingNumber));

            case ShipmentStatus.Cancelled:
                // An earlier attempt at this message may have booked and then lost the commit to the cancellation.
                return await CancelAsync(shipment, carrier, cancellationToken);

            default:
                return Decision<Shipment>.Save(shipment);
        }
    }

    /// <summary>
    /// Cancels a shipment that was not shipped according to the stored state. The carrier may have a booking: a handling whose commit, or
    /// whose answer of the carrier, was lost is not in the state.
    /// </summary>
    private static async Task<Decision<Shipment>> CancelAsync(Shipment shipment, ICarrierGateway carrier, CancellationToken cancellationToken) =>
        await carrier.FindAsync(BookingKey(shipment.OrderId), shipment.OrderId, cancellationToken) is { Declined: null } booking
            ? await RecallAsync(shipment, booking.Carrier, booking.TrackingNumber, carrier, cancellationToken)
            : Decision<Shipment>.Save(shipment with { Status = ShipmentStatus.Cancelled });

    private static async Task<Decision<Shipment>> RecallAsync(
        Shipment shipment, string carriedBy, string trackingNumber, ICarrierGateway carrier, CancellationToken cancellationToken)
    {
        await carrier.RecallAsync(RecallKey(shipment.OrderId), shipment.OrderId, trackingNumber, cancellationToken);
        return Decision<Shipment>
            .Save(shipment with { Status = ShipmentStatus.Recalled, Carrier = carriedBy, TrackingNumber = trackingNumber })
            .Publish(new ShipmentRecalled(shipment.OrderId, trackingNumber));
    }
}

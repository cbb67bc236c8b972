using Pipeline.Consumers;
using Pipeline.Contracts.Inventory;
using Pipeline.Decisions;
using Pipeline.Failures;
using Pipeline.State;

namespace Pipeline.Services.Inventory;

/// <summary>
/// The reservation of one order. Its articles are other partitions, so it sends them commands and collects the replies; a
/// reply after the cancellation is answered with a release.
/// </summary>
public sealed record Reservation
{
    /// <summary>Gets the id of the order.</summary>
    public required string OrderId { get; init; }

    /// <summary>Gets the status.</summary>
    public ReservationStatus Status { get; init; }

    /// <summary>By article.</summary>
    public required IReadOnlyDictionary<string, Hold> Holds { get; init; }

    /// <summary>The definition of the stored state.</summary>
    public static DocumentState<Reservation> Document { get; } = new(InventoryJson.Default.Reservation);

    /// <summary>Handles the events of Ordering.</summary>
    public static Consumer OnOrdering { get; } = Consumer.Of("ordering/inventory", "inventory", Document)
        .On(PlacedOrder.View, Place)
        .On(CancelledOrder.View, Cancel);

    /// <summary>Handles the replies of the articles.</summary>
    public static Consumer Replies { get; } = Consumer.Of("reservations", "inventory", Document)
        .On<StockHeld>((reservation, reply, _) => Answer(reservation, reply.OrderId, reply.Sku, HoldStatus.Held))
        .On(RefusedStock.View, (reservation, reply, _) => Answer(reservation, reply.OrderId, reply.Sku, HoldStatus.None));

    private static Decision<Reservation> Place(Reservation? reservation, PlacedOrder order, HandlerContext context)
    {
        var holds = order.Lines
            .GroupBy(l => l.Sku, StringComparer.Ordinal)
            .ToDictionary(g => g.Key, g => new Hold(g.Sum(l => l.Quantity), HoldStatus.Pending), StringComparer.Ordinal);
        var decision = Decision<Reservation>.Save(new Reservation { OrderId = order.OrderId, Holds = holds });
        foreach (var (sku, hold) in holds)
            decision.Publish(new ReserveStock(sku, order.OrderId, hold.Quantity));
        return decision;
    }

    private static Decision<Reservation> Cancel(Reservation? reservation, CancelledOrder cancelled, HandlerContext context) =>
        reservation?.Status is ReservationStatus.Pending or ReservationStatus.Reserved
            ? GiveBack(reservation, ReservationStatus.Released)
            : Decision<Reservation>.Nothing();

    private static Decision<Reservation> Answer(Reservation? reservation, string orderId, string sku, HoldStatus status)
    {
        if (reservation is null || !reservation.Holds.TryGetValue(sku, out var hold))
            throw new PermanentFailureException($"'{sku}' answers for the order '{orderId}', which did not ask it.");
        if (hold.Status != HoldStatus.Pending)
            throw new PermanentFailureException($"'{sku}' answers for the order '{orderId}' a second time.");

        var next = reservation with
        {
            Holds = new Dictionary<string, Hold>(reservation.Holds, StringComparer.Ordinal) { [sku] = hold with { Status = status } },
        };
        if (reservation.Status == ReservationStatus.Released)
            return GiveBack(next, ReservationStatus.Released);
        if (next.Holds.Values.Any(h => h.Status == HoldStatus.Pending))
            return Decision<Reservation>.Save(next);
        if (next.Holds.Values.All(h => h.Status == HoldStatus.Held))
            return Decision<Reservation>.Save(next with { Status = ReservationStatus.Reserved }).Publish(new StockReserved(orderId));
        var lacking = next.Holds.Where(h => h.Value.Status == HoldStatus.None).Select(h => h.Key).Order(StringComparer.Ordinal).ToList();
        return GiveBack(next, ReservationStatus.Rejected).Publish(new StockInsufficient(orderId, lacking));
    }

    /// <summary>Releases the reserved articles; those without a reply are released when it arrives.</summary>
    private static Decision<Reservation> GiveBack(Reservation reservation, ReservationStatus status)
    {
        var decision = Decision<Reservation>.Save(reservation with
        {
            Status = status,
            Holds = reservation.Holds.ToDictionary(
                h => h.Key, h => h.Value.Status == HoldStatus.Held ? h.Value with { Status = HoldStatus.None } : h.Value, StringComparer.Ordinal),
        });
        foreach (var (sku, hold) in reservation.Holds.Where(h => h.Value.Status == HoldStatus.Held))
            decision.Publish(new ReleaseStock(sku, reservation.OrderId, hold.Quantity));
        return decision;
    }
}

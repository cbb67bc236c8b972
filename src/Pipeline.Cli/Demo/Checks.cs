using Pipeline.Cli.Sample;

namespace Pipeline.Cli.Demo;

/// <summary>Finds errors in the raw data. Each finding is one sentence and counts as one.</summary>
internal static class Checks
{
    /// <summary>Acknowledged orders that are unknown, or did not reach a final state.</summary>
    public static IReadOnlyList<string> Lost(Evidence evidence)
    {
        var found = new List<string>();
        foreach (var placed in evidence.Placed)
        {
            if (!evidence.Orders.TryGetValue(placed.OrderId, out var order))
                found.Add(string.Create(CultureInfo.InvariantCulture,
                    $"order {placed.OrderId} (number {placed.Number}) was acknowledged, but is unknown"));
            else if (!order.IsFinal)
                found.Add(string.Create(CultureInfo.InvariantCulture,
                    $"order {placed.OrderId} (number {placed.Number}) did not reach a final state, it is {order.Status}"));
        }

        return found;
    }

    /// <summary>Events, charges, refunds, parcels and reservations that happened more than once, or whose sums do not add up.</summary>
    public static IReadOnlyList<string> DuplicateEffects(Evidence evidence)
    {
        var found = new List<string>();
        foreach (var placed in evidence.Placed)
        {
            if (!evidence.Orders.TryGetValue(placed.OrderId, out var order))
                continue;

            if (RepeatedEvent(order) is { } repeated)
                found.Add(repeated);
            if (WrongPayment(order, evidence.Payments.GetValueOrDefault(placed.OrderId)) is { } payment)
                found.Add(payment);
            if (WrongShipment(order, evidence.Shipments.GetValueOrDefault(placed.OrderId)) is { } shipment)
                found.Add(shipment);
        }

        found.AddRange(WrongStock(evidence));
        return found;
    }

    /// <summary>Gets differences that can be unfinished work: refunds, recalls, and stock of cancelled orders.</summary>
    public static Unsettled Unsettled(Evidence evidence) => new(
        [
            .. evidence.Placed
                .Where(placed => evidence.Orders.TryGetValue(placed.OrderId, out var order)
                    && order.IsCancelled
                    && ((evidence.Payments.TryGetValue(placed.OrderId, out var payment) && Balance(payment) != 0)
                        || (evidence.Shipments.TryGetValue(placed.OrderId, out var shipment) && ParcelsOut(shipment).Count != 0)))
                .Select(placed => placed.OrderId),
        ],
        [.. WrongStock(evidence)]);

    private static string? RepeatedEvent(Order order)
    {
        var seen = new HashSet<(string?, string)>();
        foreach (var entry in order.History ?? [])
        {
            if (!seen.Add((entry.CausationId, entry.Type)))
                return $"order {order.OrderId} has {entry.Type} twice from one cause ({entry.CausationId ?? "none given"})";
        }

        return null;
    }

    private static string? WrongPayment(Order order, Payment? payment)
    {
        var charges = payment?.Charges?.Count ?? 0;
        var refunds = payment?.Refunds?.Count ?? 0;
        if (charges > 1)
            return string.Create(CultureInfo.InvariantCulture, $"order {order.OrderId} was charged {charges} times");
        if (refunds > 1)
            return string.Create(CultureInfo.InvariantCulture, $"order {order.OrderId} was refunded {refunds} times");
        if (order.IsCompleted && charges == 0)
            return $"order {order.OrderId} is completed, but was never charged";
        if (order.IsCompleted && refunds > 0)
            return $"order {order.OrderId} is completed, but its charge was refunded";
        if (order.IsCancelled && payment is not null && Balance(payment) != 0)
            return string.Create(CultureInfo.InvariantCulture,
                $"order {order.OrderId} is cancelled, but {Balance(payment)} of its charge was not refunded");

        return null;
    }

    private static string? WrongShipment(Order order, Shipment? shipment)
    {
        var bookings = shipment?.Bookings?.Count ?? 0;
        var recalls = shipment?.Recalls?.Count ?? 0;
        if (bookings > 1)
            return string.Create(CultureInfo.InvariantCulture, $"order {order.OrderId} was shipped {bookings} times");
        if (recalls > 1)
            return string.Create(CultureInfo.InvariantCulture, $"the parcel of order {order.OrderId} was recalled {recalls} times");
        var isOut = shipment is not null && ParcelsOut(shipment).Count > 0;
        if (order.IsCompleted && !isOut)
            return $"order {order.OrderId} is completed, but {(bookings == 0 ? "was never shipped" : "its parcel was recalled")}";
        if (order.IsCancelled && isOut)
            return $"order {order.OrderId} is cancelled, but its parcel was not recalled";

        return null;
    }

    /// <summary>Parcels that the carrier has and that were not recalled.</summary>
    private static List<string?> ParcelsOut(Shipment shipment) =>
        [.. (shipment.Bookings ?? []).Select(parcel => parcel.TrackingNumber).Except((shipment.Recalls ?? []).Select(parcel => parcel.TrackingNumber), StringComparer.Ordinal)];

    private static decimal Balance(Payment payment) =>
        (payment.Charges?.Sum(charge => charge.Amount) ?? 0) - (payment.Refunds?.Sum(refund => refund.Amount) ?? 0);

    private static IEnumerable<string> WrongStock(Evidence evidence)
    {
        var completed = new Dictionary<string, long>(StringComparer.Ordinal);
        var open = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var placed in evidence.Placed)
        {
            var order = evidence.Orders.GetValueOrDefault(placed.OrderId);
            if (order is { IsCancelled: true })
                continue;

            // An order that is not final can have its reservation or not.
            var sums = order is { IsCompleted: true } ? completed : open;
            foreach (var line in placed.Lines)
                sums[line.Sku] = sums.GetValueOrDefault(line.Sku) + line.Quantity;
        }

        foreach (var (sku, before) in evidence.ReservedBefore.OrderBy(stock => stock.Key, StringComparer.Ordinal))
        {
            var reserved = evidence.ReservedAfter.GetValueOrDefault(sku) - before;
            var least = completed.GetValueOrDefault(sku);
            var most = least + open.GetValueOrDefault(sku);
            if (reserved < least || reserved > most)
                yield return string.Create(CultureInfo.InvariantCulture,
                    $"{reserved} of {sku} are reserved by this run, but its completed orders add up to {least}");
        }
    }
}

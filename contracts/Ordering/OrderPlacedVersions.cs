namespace Pipeline.Contracts.Ordering;

/// <summary>Between the versions of <see cref="OrderPlaced"/>.</summary>
public static class OrderPlacedVersions
{
    /// <summary>Version 1 as version 2: the order's one currency is that of every amount.</summary>
    [Upcaster]
    public static OrderPlacedV2 Upcast(OrderPlaced order)
    {
        ArgumentNullException.ThrowIfNull(order);
        return new OrderPlacedV2(
            order.OrderId,
            order.CustomerId,
            new Amount(order.Total, order.Currency),
            [.. order.Lines.Select(l => new OrderLineV2(l.Sku, l.Quantity, new Amount(l.UnitPrice, order.Currency)))],
            order.Note);
    }

    /// <summary>Version 2 as version 1, while somebody reads that.</summary>
    /// <exception cref="ArgumentException">The lines have several currencies, which version 1 cannot say.</exception>
    [Downcaster]
    public static OrderPlaced Downcast(OrderPlacedV2 order)
    {
        ArgumentNullException.ThrowIfNull(order);
        var currency = order.Total.Currency;
        if (order.Lines.FirstOrDefault(l => l.UnitPrice.Currency != currency) is { } other)
            throw new ArgumentException($"The line of '{other.Sku}' is in {other.UnitPrice.Currency}, but version 1 has one currency for all, here {currency}.", nameof(order));
        return new OrderPlaced(
            order.OrderId, order.CustomerId, currency, order.Total.Value, [.. order.Lines.Select(l => new OrderLine(l.Sku, l.Quantity, l.UnitPrice.Value))], order.Note);
    }
}

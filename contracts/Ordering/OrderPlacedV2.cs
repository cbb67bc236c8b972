using System.Text.Json.Serialization;

namespace Pipeline.Contracts.Ordering;

/// <summary>
/// An order was placed. Carries the order, so that nobody has to ask for it. Against version 1, every amount has its own
/// currency.
/// </summary>
/// <param name="OrderId">The order.</param>
/// <param name="CustomerId">Who placed it.</param>
/// <param name="Total">Sum of all lines.</param>
/// <param name="Lines">What was ordered; at least one line.</param>
/// <param name="Note">What the customer adds, up to a million characters; <see langword="null"/>, and left out, if nothing.</param>
public sealed record OrderPlacedV2(
    [OrderId] string OrderId,
    [CustomerId] string CustomerId,
    Amount Total,
    [Items(1, 50)] IReadOnlyList<OrderLineV2> Lines,
    [Text(0, 1_000_000)][property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Note = null);

/// <summary>One line of an order.</summary>
/// <param name="Sku">The article.</param>
/// <param name="Quantity">Pieces; at least 1.</param>
/// <param name="UnitPrice">Price of one piece.</param>
public sealed record OrderLineV2([Sku] string Sku, [Pieces] int Quantity, Amount UnitPrice);

/// <summary>An amount of money.</summary>
/// <param name="Value">How much; not negative.</param>
/// <param name="Currency">ISO 4217 code.</param>
public sealed record Amount([Money] decimal Value, [Currency] string Currency);

/// <summary>Between the versions of <see cref="OrderPlaced"/>.</summary>
public static class OrderPlacedVersions
{
    /// <summary>Version 1 as version 2: the order's one currency is that of every amount.</summary>
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

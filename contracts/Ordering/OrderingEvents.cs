using System.Text.Json.Serialization;

namespace Pipeline.Contracts.Ordering;

/// <summary>An order was placed. Carries the order, so that nobody has to ask for it.</summary>
/// <param name="OrderId">The order.</param>
/// <param name="CustomerId">Who placed it.</param>
/// <param name="Currency">ISO 4217 code.</param>
/// <param name="Total">Sum of all lines, in <paramref name="Currency"/>.</param>
/// <param name="Lines">What was ordered; at least one line.</param>
/// <param name="Note">What the customer adds, up to a million characters; <see langword="null"/>, and left out, if nothing.</param>
public sealed record OrderPlaced(
    [OrderId] string OrderId,
    [CustomerId] string CustomerId,
    [Currency] string Currency,
    [Money] decimal Total,
    [Items(1, 50)] IReadOnlyList<OrderLine> Lines,
    [Text(0, 1_000_000)][property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Note = null);

/// <summary>One line of an order.</summary>
/// <param name="Sku">The article.</param>
/// <param name="Quantity">Pieces; at least 1.</param>
/// <param name="UnitPrice">Price of one piece; not negative.</param>
public sealed record OrderLine([Sku] string Sku, [Pieces] int Quantity, [Price] decimal UnitPrice);

/// <summary>An order was cancelled, by the customer or because stock, payment or shipment failed. Final.</summary>
/// <param name="OrderId">The order.</param>
/// <param name="Reason">Why, for people.</param>
public sealed record OrderCancelled([OrderId] string OrderId, [Reason] string Reason);

/// <summary>An order is paid and shipped. Carries the order, as <see cref="OrderPlaced"/> does. Final.</summary>
/// <param name="OrderId">The order.</param>
/// <param name="CustomerId">Who placed it.</param>
/// <param name="Currency">ISO 4217 code.</param>
/// <param name="Total">Sum of all lines, in <paramref name="Currency"/>.</param>
/// <param name="Lines">What was ordered; at least one line.</param>
public sealed record OrderCompleted([OrderId] string OrderId, [CustomerId] string CustomerId, [Currency] string Currency, [Money] decimal Total, [Items(1, 50)] IReadOnlyList<OrderLine> Lines);

/// <summary>
/// An order is over, completed or cancelled, in the shape that reports need: a projection of the order's own events, so that
/// nobody has to join what several services say of it. It comes with <see cref="OrderCompleted"/> or <see cref="OrderCancelled"/>,
/// which are for those who act on it. Final.
/// </summary>
/// <param name="OrderId">The order.</param>
/// <param name="Outcome">How it ended.</param>
/// <param name="Currency">ISO 4217 code.</param>
/// <param name="Total">Sum of all lines, in <paramref name="Currency"/>; of a cancelled order, what was not sold.</param>
/// <param name="Lines">How many lines it has.</param>
/// <param name="Pieces">How many pieces are in all of them.</param>
/// <param name="PlacedAt">When it was placed.</param>
/// <param name="ClosedAt">When it was completed or cancelled.</param>
/// <param name="ReasonCode">What it was cancelled for; left out if it was completed.</param>
public sealed record OrderClosed(
    [OrderId] string OrderId,
    [OneOf("completed", "cancelled")] string Outcome,
    [Currency] string Currency,
    [Money] decimal Total,
    [Number(1, 50)] int Lines,
    [Number(1, 50_000_000)] int Pieces,
    DateTimeOffset PlacedAt,
    DateTimeOffset ClosedAt,
    [OneOf("customer", "payment", "shipping", "stock")][property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? ReasonCode = null);

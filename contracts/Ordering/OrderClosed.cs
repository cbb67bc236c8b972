using System.Text.Json.Serialization;

namespace Pipeline.Contracts.Ordering;

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
[Event("com.contoso.ordering.order-closed.v1", "ordering", "{orderId}", Kind = ContractKind.StateTransfer)]
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

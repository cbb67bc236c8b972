using System.Text.Json.Serialization;

namespace Pipeline.Contracts.Ordering;

/// <summary>An order was placed. Carries the order, so that nobody has to ask for it.</summary>
/// <param name="OrderId">The order.</param>
/// <param name="CustomerId">Who placed it.</param>
/// <param name="Currency">ISO 4217 code.</param>
/// <param name="Total">Sum of all lines, in <paramref name="Currency"/>.</param>
/// <param name="Lines">What was ordered; at least one line.</param>
/// <param name="Note">What the customer adds, up to a million characters; <see langword="null"/>, and left out, if nothing.</param>
[Event("com.contoso.ordering.order-placed.v1", "ordering", "{orderId}", Kind = ContractKind.StateTransfer, IsPublic = true)]
public sealed record OrderPlaced(
    [OrderId] string OrderId,
    [CustomerId] string CustomerId,
    [Currency] string Currency,
    [Money] decimal Total,
    [Items(1, 50)] IReadOnlyList<OrderLine> Lines,
    [Text(0, 1_000_000)][property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Note = null);

namespace Pipeline.Contracts.Ordering;

/// <summary>An order is paid and shipped. Carries the order, as <see cref="OrderPlaced"/> does. Final.</summary>
/// <param name="OrderId">The order.</param>
/// <param name="CustomerId">Who placed it.</param>
/// <param name="Currency">ISO 4217 code.</param>
/// <param name="Total">Sum of all lines, in <paramref name="Currency"/>.</param>
/// <param name="Lines">What was ordered; at least one line.</param>
[Event("com.contoso.ordering.order-completed.v1", "ordering", "{orderId}", Kind = ContractKind.StateTransfer, IsPublic = true)]
public sealed record OrderCompleted([OrderId] string OrderId, [CustomerId] string CustomerId, [Currency] string Currency, [Money] decimal Total, [Items(1, 50)] IReadOnlyList<OrderLine> Lines);

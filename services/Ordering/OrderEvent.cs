using System.Text.Json.Serialization;
using Pipeline.Contracts.Ordering;

namespace Pipeline.Services.Ordering;

/// <summary>Domain events of an order. They never leave Ordering; integration events publish their meaning.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(Placed), "OrderPlaced")]
[JsonDerivedType(typeof(StockConfirmed), "StockReserved")]
[JsonDerivedType(typeof(Paid), "OrderPaid")]
[JsonDerivedType(typeof(Shipped), "OrderShipped")]
[JsonDerivedType(typeof(Completed), "OrderCompleted")]
[JsonDerivedType(typeof(Cancelled), "OrderCancelled")]
public abstract record OrderEvent
{
    private OrderEvent()
    {
    }

    /// <summary>The customer placed the order.</summary>
    public sealed record Placed(
        string OrderId,
        string CustomerId,
        string Currency,
        decimal Total,
        IReadOnlyList<OrderLine> Lines,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Note = null) : OrderEvent;

    /// <summary>Everything is reserved.</summary>
    public sealed record StockConfirmed : OrderEvent;

    /// <summary>The total was charged.</summary>
    public sealed record Paid(decimal Amount) : OrderEvent;

    /// <summary>The parcel is with the carrier.</summary>
    public sealed record Shipped(string Carrier, string TrackingNumber) : OrderEvent;

    /// <summary>Paid and shipped: done.</summary>
    public sealed record Completed : OrderEvent;

    /// <summary>Cancelled, with the reason as text and as a code for statistics. Streams of earlier releases have no code.</summary>
    public sealed record Cancelled(
        string Reason, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] ReasonCode? Code = null) : OrderEvent;
}

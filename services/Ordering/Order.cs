using System.Text.Json.Serialization;
using Pipeline.Contracts.Ordering;
using Pipeline.State;

namespace Pipeline.Services.Ordering;

/// <summary>Domain events of an order. They never leave Ordering: what others may know is translated into integration events.</summary>
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

    /// <summary>Cancelled, by whom or what the reason says to people, and the code to statistics. Streams of earlier releases have no code.</summary>
    public sealed record Cancelled(
        string Reason, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] ReasonCode? Code = null) : OrderEvent;
}

/// <summary>What an order was cancelled for.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ReasonCode>))]
public enum ReasonCode
{
    /// <summary>The customer wished it.</summary>
    [JsonStringEnumMemberName("customer")]
    Customer,

    /// <summary>The payment failed.</summary>
    [JsonStringEnumMemberName("payment")]
    Payment,

    /// <summary>It cannot be delivered.</summary>
    [JsonStringEnumMemberName("shipping")]
    Shipping,

    /// <summary>Something was out of stock.</summary>
    [JsonStringEnumMemberName("stock")]
    Stock,
}

/// <summary>Where an order stands.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<OrderStatus>))]
public enum OrderStatus
{
    /// <summary>Placed; stock and payment are on their way.</summary>
    [JsonStringEnumMemberName("placed")]
    Placed,

    /// <summary>Everything is reserved; payment is on its way.</summary>
    [JsonStringEnumMemberName("reserved")]
    Reserved,

    /// <summary>Everything is reserved and the total is charged; the parcel is on its way to the carrier.</summary>
    [JsonStringEnumMemberName("paid")]
    Paid,

    /// <summary>Paid and shipped. Final.</summary>
    [JsonStringEnumMemberName("completed")]
    Completed,

    /// <summary>Cancelled. Final.</summary>
    [JsonStringEnumMemberName("cancelled")]
    Cancelled,
}

/// <summary>An order: what its events fold into.</summary>
public sealed record Order
{
    /// <summary>Its id, and its partition.</summary>
    public required string OrderId { get; init; }

    /// <summary>Who placed it.</summary>
    public required string CustomerId { get; init; }

    /// <summary>ISO 4217 code.</summary>
    public required string Currency { get; init; }

    /// <summary>Sum of all lines.</summary>
    public required decimal Total { get; init; }

    /// <summary>What was ordered.</summary>
    public required IReadOnlyList<OrderLine> Lines { get; init; }

    /// <summary>What the customer added; <see langword="null"/> if nothing.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Note { get; init; }

    /// <summary>Where it stands.</summary>
    public OrderStatus Status { get; init; }

    /// <summary>Why it was cancelled; else <see langword="null"/>.</summary>
    public string? Reason { get; init; }

    /// <summary>The same for statistics; <see langword="null"/> too for an order that an earlier release cancelled.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ReasonCode? ReasonCode { get; init; }

    /// <summary>When it was placed. The time of its first event, so that streams of earlier releases tell it too.</summary>
    public required DateTimeOffset PlacedAt { get; init; }

    /// <summary>How orders are stored.</summary>
    public static StreamState<Order, OrderEvent> Stream { get; } = new(Apply, OrderingJson.Default.OrderEvent, OrderingJson.Default.Order);

    /// <summary>Applies one event, which happened at that time.</summary>
    public static Order Apply(Order? order, OrderEvent happened, DateTimeOffset at) => happened switch
    {
        OrderEvent.Placed e => new Order
        {
            OrderId = e.OrderId,
            CustomerId = e.CustomerId,
            Currency = e.Currency,
            Total = e.Total,
            Lines = e.Lines,
            Note = e.Note,
            PlacedAt = at,
        },
        OrderEvent.StockConfirmed => order! with { Status = OrderStatus.Reserved },
        OrderEvent.Paid => order! with { Status = OrderStatus.Paid },
        OrderEvent.Shipped => order!,
        OrderEvent.Completed => order! with { Status = OrderStatus.Completed },
        OrderEvent.Cancelled e => order! with { Status = OrderStatus.Cancelled, Reason = e.Reason, ReasonCode = e.Code },
        _ => throw new NotSupportedException($"An order cannot apply '{happened.GetType().Name}'."),
    };
}

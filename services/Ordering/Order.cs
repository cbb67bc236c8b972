using System.Text.Json.Serialization;
using Pipeline.Contracts.Ordering;
using Pipeline.State;

namespace Pipeline.Services.Ordering;

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

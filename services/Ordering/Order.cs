using System.Text.Json.Serialization;
using Pipeline.Contracts.Ordering;
using Pipeline.State;

namespace Pipeline.Services.Ordering;

/// <summary>An order, folded from its events.</summary>
public sealed record Order
{
    /// <summary>Gets the id, which is also the partition.</summary>
    public required string OrderId { get; init; }

    /// <summary>Gets the customer.</summary>
    public required string CustomerId { get; init; }

    /// <summary>Gets the ISO 4217 code of the currency.</summary>
    public required string Currency { get; init; }

    /// <summary>Gets the sum of all lines.</summary>
    public required decimal Total { get; init; }

    /// <summary>Gets the lines.</summary>
    public required IReadOnlyList<OrderLine> Lines { get; init; }

    /// <summary>Gets the note of the customer; <see langword="null"/> if there is none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Note { get; init; }

    /// <summary>Gets the status.</summary>
    public OrderStatus Status { get; init; }

    /// <summary>Gets the reason of the cancellation; <see langword="null"/> if it was not cancelled.</summary>
    public string? Reason { get; init; }

    /// <summary>Gets the reason as a code for statistics; also <see langword="null"/> for an order that an earlier release cancelled.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ReasonCode? ReasonCode { get; init; }

    /// <summary>Gets when it was placed: the time of its first event, which streams of earlier releases have too.</summary>
    public required DateTimeOffset PlacedAt { get; init; }

    /// <summary>The definition of the stored stream.</summary>
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

using System.Text.Json.Serialization;
using Pipeline.Contracts.Ordering;
using Pipeline.Services.Ordering;
using Pipeline.State;

namespace Pipeline.Functions;

internal sealed record OrderBody(
    string OrderId,
    string CustomerId,
    OrderStatus Status,
    string? Reason,
    decimal Total,
    string Currency,
    IReadOnlyList<OrderLine> Lines,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Note,
    long Version,
    long Position,
    string CorrelationId,
    IReadOnlyList<HistoryEntry> History);

using Pipeline.Services.Ordering;

namespace Pipeline.Functions;

internal sealed record OrderAcceptedBody(string OrderId, OrderStatus Status, long Position, string CorrelationId);

using System.Text.Json.Serialization;

namespace Pipeline.Cli.Sample;

internal sealed record Order(
    string OrderId,
    string? CustomerId,
    string Status,
    string? Reason,
    decimal Total,
    string? Currency,
    IReadOnlyList<OrderLine>? Lines,
    long Version,
    long Position,
    string? CorrelationId,
    IReadOnlyList<OrderEvent>? History)
{
    [JsonIgnore]
    public bool IsCompleted => Status == "completed";

    [JsonIgnore]
    public bool IsCancelled => Status == "cancelled";

    [JsonIgnore]
    public bool IsFinal => IsCompleted || IsCancelled;
}

using Pipeline.Cli.Sample;

namespace Pipeline.Cli.Demo;

/// <summary>An order that the pipeline has acknowledged.</summary>
internal sealed record PlacedOrder(int Number, string OrderId, string? CorrelationId, IReadOnlyList<OrderLine> Lines);

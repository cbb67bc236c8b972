namespace Pipeline.Cli.Sample;

internal sealed record OrderReceipt(string OrderId, string? Status, long? Position, string? CorrelationId);

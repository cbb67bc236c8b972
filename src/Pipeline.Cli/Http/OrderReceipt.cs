namespace Pipeline.Cli.Http;

internal sealed record OrderReceipt(string OrderId, string? Status, long? Position, string? CorrelationId);

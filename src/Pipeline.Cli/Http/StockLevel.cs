namespace Pipeline.Cli.Http;

internal sealed record StockLevel(long OnHand);

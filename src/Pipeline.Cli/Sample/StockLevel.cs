namespace Pipeline.Cli.Sample;

internal sealed record StockLevel(long OnHand);

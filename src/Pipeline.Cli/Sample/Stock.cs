namespace Pipeline.Cli.Sample;

internal sealed record Stock(string Sku, long OnHand, long Reserved, long Available);

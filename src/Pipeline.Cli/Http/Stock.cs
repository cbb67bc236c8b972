namespace Pipeline.Cli.Http;

internal sealed record Stock(string Sku, long OnHand, long Reserved, long Available);

namespace Pipeline.Cli.Http;

internal sealed record OrderLine(string Sku, int Quantity, decimal UnitPrice);

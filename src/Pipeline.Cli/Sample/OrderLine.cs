namespace Pipeline.Cli.Sample;

internal sealed record OrderLine(string Sku, int Quantity, decimal UnitPrice);

namespace Pipeline.Functions;

internal sealed record StockBody(string Sku, int OnHand, int Reserved, int Available);

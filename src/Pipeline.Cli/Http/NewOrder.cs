namespace Pipeline.Cli.Http;

internal sealed record NewOrder(string CustomerId, string Currency, IReadOnlyList<OrderLine> Lines);

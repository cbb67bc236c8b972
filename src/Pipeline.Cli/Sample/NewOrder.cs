namespace Pipeline.Cli.Sample;

internal sealed record NewOrder(string CustomerId, string Currency, IReadOnlyList<OrderLine> Lines);

namespace Pipeline.Cli.Http;

internal sealed record Payment(
    string OrderId,
    string? Status,
    decimal? Amount,
    IReadOnlyList<PaymentEntry>? Charges,
    IReadOnlyList<PaymentEntry>? Refunds);

namespace Pipeline.Cli.Sample;

internal sealed record Payment(
    string OrderId,
    string? Status,
    decimal? Amount,
    IReadOnlyList<PaymentEntry>? Charges,
    IReadOnlyList<PaymentEntry>? Refunds);

namespace Pipeline.Cli.Sample;

internal sealed record PaymentEntry(string? Key, decimal Amount, DateTimeOffset? Time);

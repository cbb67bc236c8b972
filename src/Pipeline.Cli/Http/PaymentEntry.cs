namespace Pipeline.Cli.Http;

internal sealed record PaymentEntry(string? Key, decimal Amount, DateTimeOffset? Time);

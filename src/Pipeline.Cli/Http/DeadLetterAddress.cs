namespace Pipeline.Cli.Http;

internal sealed record DeadLetterAddress(string? Container, string? Partition, string? Id);

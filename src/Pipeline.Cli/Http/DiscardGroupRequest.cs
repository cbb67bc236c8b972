namespace Pipeline.Cli.Http;

internal sealed record DiscardGroupRequest(string Fingerprint, string? Consumer, int Count, DateTimeOffset Before, int? Limit, string Reason, string By);

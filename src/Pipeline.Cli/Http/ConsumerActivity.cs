namespace Pipeline.Cli.Http;

internal sealed record ConsumerActivity(string Container, string Consumer, long Handled, double? P50Ms, double? P99Ms, double? MaxMs);

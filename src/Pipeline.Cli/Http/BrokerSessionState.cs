namespace Pipeline.Cli.Http;

internal sealed record BrokerSessionState(string Id, long Messages, long Locked, DateTimeOffset? LockedUntil, long StateBytes);

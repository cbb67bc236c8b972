namespace Pipeline.Cli.Broker;

internal sealed record BrokerSessionState(string Id, long Messages, long Locked, DateTimeOffset? LockedUntil, long StateBytes);

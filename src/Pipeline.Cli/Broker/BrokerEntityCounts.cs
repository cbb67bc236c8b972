namespace Pipeline.Cli.Broker;

internal sealed record BrokerEntityCounts(
    string Name, string Kind, long Active, long Locked, long DeadLetter, long Scheduled, long Deferred, long Sessions, string? ForwardTo);

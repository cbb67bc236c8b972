namespace Pipeline.Cli.Broker;

internal sealed record PeekedMessage(
    long SequenceNumber, string? State, string? MessageId, string? SessionId, DateTimeOffset EnqueuedTime, long DeliveryCount, string? DeadLetterReason, string? Body);

namespace Pipeline.Payloads;

/// <summary>The message that a payload was stored for: what the collector has to know without reading a body.</summary>
/// <param name="Service">The sender, CloudEvents <c>source</c>.</param>
/// <param name="Partition">The sender's partition.</param>
/// <param name="Number">The message's outgoing number there.</param>
/// <param name="Record">First number of its outbox record.</param>
/// <param name="Type">CloudEvents <c>type</c>.</param>
/// <param name="Key">The ordering key: the partition of the consumers.</param>
/// <param name="EventId">CloudEvents <c>id</c>.</param>
/// <param name="IsEvent">Whether the number is its <c>sequence</c>; commands and replies have none.</param>
public sealed record PayloadOrigin(
    string Service, string Partition, long Number, long Record, string Type, string Key, string EventId, bool IsEvent)
{
    internal long? Sequence => IsEvent ? Number : null;
}

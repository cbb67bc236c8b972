namespace Pipeline.Local.ServiceBus;

/// <summary>A message that waits for its time, at the entity that it was sent to.</summary>
internal sealed class ScheduledMessage(BrokerEntity entity, long sequenceNumber, StoredMessage stored) : BrokerDueItem
{
    public BrokerEntity Entity => entity;
    public long SequenceNumber => sequenceNumber;
    public StoredMessage Stored => stored;

    public override void Fire(Broker broker, DateTimeOffset now) => broker.EnqueueScheduled(this, now);
}

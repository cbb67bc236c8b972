namespace Pipeline.Local.ServiceBus;

/// <summary>A lock on one message of an entity without sessions.</summary>
internal sealed class MessageLock(BrokerQueue queue, BrokerMessage message) : BrokerDueItem
{
    public DateTimeOffset LockedUntil => new(DueTicks, TimeSpan.Zero);

    public override void Fire(Broker broker, DateTimeOffset now) => broker.ExpireMessageLock(queue, message);
}

namespace Pipeline.Local.ServiceBus;

/// <summary>The end of a message's lifetime. Passes over one that is locked or deferred: what becomes of that shows when it comes back.</summary>
internal sealed class MessageExpiry(BrokerQueue queue, BrokerMessage message) : BrokerDueItem
{
    public BrokerQueue Queue => queue;
    public BrokerMessage Message => message;

    public override void Fire(Broker broker, DateTimeOffset now) => broker.Expire(this, now);
}

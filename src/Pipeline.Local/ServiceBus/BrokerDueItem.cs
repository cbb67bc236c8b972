namespace Pipeline.Local.ServiceBus;

/// <summary>A due item of a namespace: a lock, a wait, a scheduled message.</summary>
internal abstract class BrokerDueItem : DueItem
{
    /// <summary>Lets it happen. Called under the broker's lock, after the item has left the queue.</summary>
    public abstract void Fire(Broker broker, DateTimeOffset now);
}

namespace Pipeline.Local.ServiceBus;

/// <summary>Waits for a message, of a session or of an entity without sessions.</summary>
internal sealed class MessageWaiter(LinkedList<MessageWaiter> receivers, int maxMessages, bool delete)
    : Waiter<IReadOnlyList<BrokerDelivery>>
{
    private LinkedListNode<MessageWaiter>? _node;

    public int MaxMessages => maxMessages;

    public bool Delete => delete;

    public void Join() => _node = receivers.AddLast(this);

    public override void Leave()
    {
        if (_node is { List: not null } node)
            receivers.Remove(node);
    }

    protected override void TimeOut() => Give([]);
}

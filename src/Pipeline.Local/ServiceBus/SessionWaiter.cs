namespace Pipeline.Local.ServiceBus;

/// <summary>Waits for any session of a queue.</summary>
internal sealed class SessionWaiter(BrokerQueue queue) : Waiter<SessionLock>
{
    private LinkedListNode<SessionWaiter>? _node;

    public void Join() => _node = queue.Acceptors.AddLast(this);

    public override void Leave()
    {
        if (_node is { List: not null } node)
            queue.Acceptors.Remove(node);
    }

    protected override void TimeOut() => Fail(new BrokerException(
        "No session had a message within the try timeout.", BrokerFailure.ServiceTimeout, queue.Path));
}

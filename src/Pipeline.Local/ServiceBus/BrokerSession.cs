namespace Pipeline.Local.ServiceBus;

/// <summary>A session: messages that one receiver at a time receives in order.</summary>
internal sealed class BrokerSession(string id)
{
    public string Id => id;

    public IndexedHeap<BrokerMessage, BySequenceNumber> Available { get; } = new();

    /// <summary>All its messages: available, locked and deferred ones.</summary>
    public int Count { get; set; }

    public SessionLock? Lock { get; set; }

    public BinaryData? State { get; set; }

    /// <summary>Its place among the sessions that can be accepted.</summary>
    public LinkedListNode<BrokerSession>? ReadyNode { get; set; }

    public bool IsGone => Count == 0 && Lock is null && State is null;
}

namespace Pipeline.Local.ServiceBus;

/// <summary>Messages that are locked; adding and removing take constant time.</summary>
internal sealed class LockedMessages
{
    private readonly List<BrokerMessage> _messages = [];

    public int Count => _messages.Count;

    public IReadOnlyList<BrokerMessage> All => _messages;

    public void Add(BrokerMessage message)
    {
        message.Place = _messages.Count;
        _messages.Add(message);
    }

    public void Remove(BrokerMessage message)
    {
        var last = _messages[^1];
        _messages[message.Place] = last;
        last.Place = message.Place;
        _messages.RemoveAt(_messages.Count - 1);
    }
}

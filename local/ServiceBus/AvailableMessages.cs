namespace Pipeline.Local.ServiceBus;

/// <summary>
/// Messages that can be received, lowest sequence number first; one that comes back finds its place again, and one that
/// expires leaves from wherever it is. A binary heap whose messages know their places.
/// </summary>
internal sealed class AvailableMessages
{
    private BrokerMessage[] _heap = [];

    public int Count { get; private set; }

    public void Add(BrokerMessage message)
    {
        if (Count == _heap.Length)
            Array.Resize(ref _heap, Math.Max(4, Count * 2));
        Place(message, Count++);
        Sift(message);
    }

    public BrokerMessage Take()
    {
        var first = _heap[0];
        Remove(first);
        return first;
    }

    public void Remove(BrokerMessage message)
    {
        var place = message.Place;
        var last = _heap[--Count];
        _heap[Count] = null!;
        if (ReferenceEquals(last, message))
            return;
        Place(last, place);
        Sift(last);
    }

    private void Sift(BrokerMessage message)
    {
        var place = message.Place;
        while (place > 0 && _heap[(place - 1) / 2] is var parent && message.SequenceNumber < parent.SequenceNumber)
        {
            Place(parent, place);
            place = (place - 1) / 2;
        }

        while (true)
        {
            var child = (2 * place) + 1;
            if (child >= Count)
                break;
            if (child + 1 < Count && _heap[child + 1].SequenceNumber < _heap[child].SequenceNumber)
                child++;
            if (_heap[child].SequenceNumber >= message.SequenceNumber)
                break;
            Place(_heap[child], place);
            place = child;
        }

        Place(message, place);
    }

    private void Place(BrokerMessage message, int place)
    {
        _heap[place] = message;
        message.Place = place;
    }
}

namespace Pipeline.Local.ServiceBus;

/// <summary>
/// The messages of a queue by sequence number. Numbers are dense, so messages lie in segments of 64 consecutive ones;
/// a segment goes when its last message does.
/// </summary>
internal sealed class MessageIndex
{
    private const int SegmentBits = 6;
    private const int SegmentSize = 1 << SegmentBits;

    private readonly Dictionary<long, Segment> _segments = [];
    private readonly SortedSet<long> _order = [];

    public int Count { get; private set; }

    public BrokerMessage? Find(long sequenceNumber) =>
        _segments.TryGetValue(sequenceNumber >> SegmentBits, out var segment) ? segment.Slots[Slot(sequenceNumber)] : null;

    /// <exception cref="InvalidOperationException">The number is taken.</exception>
    public void Add(BrokerMessage message)
    {
        var key = message.SequenceNumber >> SegmentBits;
        if (!_segments.TryGetValue(key, out var segment))
        {
            _segments.Add(key, segment = new Segment());
            _order.Add(key);
        }

        ref var slot = ref segment.Slots[Slot(message.SequenceNumber)];
        if (slot is not null)
            throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture,
                $"Sequence number {message.SequenceNumber} is taken."));
        slot = message;
        segment.Count++;
        Count++;
    }

    /// <exception cref="InvalidOperationException">The message is not here.</exception>
    public void Remove(BrokerMessage message)
    {
        var key = message.SequenceNumber >> SegmentBits;
        if (!_segments.TryGetValue(key, out var segment) || !ReferenceEquals(segment.Slots[Slot(message.SequenceNumber)], message))
            throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture,
                $"The message {message.SequenceNumber} is not in this queue."));
        segment.Slots[Slot(message.SequenceNumber)] = null;
        Count--;
        if (--segment.Count > 0)
            return;
        _segments.Remove(key);
        _order.Remove(key);
    }

    public void Clear()
    {
        _segments.Clear();
        _order.Clear();
        Count = 0;
    }

    /// <summary>Messages from a sequence number on, in order. The index must not change meanwhile.</summary>
    public IEnumerable<BrokerMessage> From(long sequenceNumber)
    {
        var first = Math.Max(0, sequenceNumber);
        foreach (var key in _order.GetViewBetween(first >> SegmentBits, long.MaxValue))
        {
            foreach (var message in _segments[key].Slots)
            {
                if (message is not null && message.SequenceNumber >= first)
                    yield return message;
            }
        }
    }

    private static int Slot(long sequenceNumber) => (int)(sequenceNumber & (SegmentSize - 1));

    private sealed class Segment
    {
        public BrokerMessage?[] Slots { get; } = new BrokerMessage?[SegmentSize];
        public int Count { get; set; }
    }
}

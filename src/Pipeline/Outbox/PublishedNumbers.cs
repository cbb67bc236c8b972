using System.Diagnostics.CodeAnalysis;
using Pipeline.Storage;

namespace Pipeline.Outbox;

/// <summary>
/// Up to which number this instance itself has published each partition, for the partitions seen lately. Bounded: when
/// full, the older half is forgotten, which costs a read and nothing else.
/// </summary>
internal sealed class PublishedNumbers
{
    private const int MaxPerGeneration = 50_000;

    private readonly Lock _lock = new();
    private Dictionary<Partition, long> _recent = [];
    private Dictionary<Partition, long> _older = [];

    [SuppressMessage("Design", "MA0158", Justification = "It is one.")]
    public long UpTo(Partition partition)
    {
        lock (_lock)
            return _recent.TryGetValue(partition, out var number) || _older.TryGetValue(partition, out number) ? number : 0;
    }

    public void Set(Partition partition, long number)
    {
        lock (_lock)
        {
            if (_recent.Count >= MaxPerGeneration && !_recent.ContainsKey(partition))
            {
                _older = _recent;
                _recent = [];
            }

            _recent[partition] = number;
        }
    }
}

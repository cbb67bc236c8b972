using System.Diagnostics.CodeAnalysis;

namespace Pipeline.Outbox;

/// <summary>
/// Up to which number this instance itself has published each partition, for the partitions seen lately. Bounded: when
/// full, the older half is forgotten, which costs a read and nothing else.
/// </summary>
internal sealed class PublishedNumbers
{
    private const int MaxPerGeneration = 50_000;

    private readonly Lock _lock = new();
    private Dictionary<string, long> _recent = new(StringComparer.Ordinal);
    private Dictionary<string, long> _older = new(StringComparer.Ordinal);

    [SuppressMessage("Design", "MA0158", Justification = "It is one.")]
    public long UpTo(string partition)
    {
        lock (_lock)
            return _recent.TryGetValue(partition, out var number) || _older.TryGetValue(partition, out number) ? number : 0;
    }

    public void Set(string partition, long number)
    {
        lock (_lock)
        {
            if (_recent.Count >= MaxPerGeneration && !_recent.ContainsKey(partition))
            {
                _older = _recent;
                _recent = new Dictionary<string, long>(StringComparer.Ordinal);
            }

            _recent[partition] = number;
        }
    }
}

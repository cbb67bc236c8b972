using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Pipeline.Local.ServiceBus;

/// <summary>
/// Message ids that an entity has accepted within its window. Kept as 128-bit digests, by eighths of the window, so that
/// forgetting is dropping the oldest table and millions of ids stay cheap.
/// </summary>
internal sealed class DuplicateHistory(TimeSpan window)
{
    private const int Eighths = 8;

    private readonly LinkedList<Table> _tables = new();

    /// <summary>Number of ids kept.</summary>
    public int Count { get; private set; }

    /// <summary>Every id kept, with the UTC ticks at which it was accepted.</summary>
    public IEnumerable<KeyValuePair<MessageDigest, long>> Entries => _tables.SelectMany(table => table.Accepted);

    /// <summary>The digest under which an id is remembered.</summary>
    public static MessageDigest Digest(string messageId)
    {
        Span<byte> text = stackalloc byte[Encoding.UTF8.GetMaxByteCount(128)];
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(text[..Encoding.UTF8.GetBytes(messageId, text)], hash);
        return new MessageDigest(BinaryPrimitives.ReadInt64LittleEndian(hash[8..]), BinaryPrimitives.ReadInt64LittleEndian(hash));
    }

    /// <summary>Whether the id was accepted within the window that ends now.</summary>
    public bool Contains(MessageDigest digest, long nowTicks)
    {
        Forget(nowTicks);
        for (var table = _tables.Last; table is not null; table = table.Previous)
        {
            if (table.Value.Accepted.TryGetValue(digest, out var ticks))
                return ticks > nowTicks - window.Ticks;
        }

        return false;
    }

    /// <summary>Remembers an id.</summary>
    public void Add(MessageDigest digest, long nowTicks)
    {
        Forget(nowTicks);
        var newest = _tables.Last?.Value;
        if (newest is null || nowTicks >= newest.StartTicks + (window.Ticks / Eighths))
            _tables.AddLast(newest = new Table(nowTicks));
        newest.LatestTicks = Math.Max(newest.LatestTicks, nowTicks);
        if (newest.Accepted.TryAdd(digest, nowTicks))
            Count++;
        else
            newest.Accepted[digest] = nowTicks;
    }

    public void Clear()
    {
        _tables.Clear();
        Count = 0;
    }

    private void Forget(long nowTicks)
    {
        while (_tables.First is { Value: var oldest } && oldest.LatestTicks <= nowTicks - window.Ticks)
        {
            Count -= oldest.Accepted.Count;
            _tables.RemoveFirst();
        }
    }

    private sealed class Table(long startTicks)
    {
        public long StartTicks { get; } = startTicks;
        public long LatestTicks { get; set; } = startTicks;
        public Dictionary<MessageDigest, long> Accepted { get; } = [];
    }
}

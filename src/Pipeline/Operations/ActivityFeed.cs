using System.Text.Json;
using Pipeline.Client;
using Pipeline.Storage;

namespace Pipeline.Operations;

/// <summary>
/// Tells what continues from the inbox records that appear in the change feeds: from data, so over all instances, and
/// without anything to be counted while messages are handled.
/// </summary>
public static class ActivityFeed
{
    /// <summary>About the most changes that one call reads, over all containers; a transaction is never split.</summary>
    public const int MaxChanges = 10_000;

    private const int LargestPage = 1000;

    /// <summary>Reads what was handled since a position.</summary>
    /// <exception cref="InvalidContinuationException">The position does not fit these containers.</exception>
    /// <exception cref="NotSupportedException">The account has more physical partitions than a position of bounded length can name.</exception>
    /// <exception cref="StoreUnavailableException">Cosmos DB is unavailable.</exception>
    public static async Task<ActivityReport> ReadAsync(
        IReadOnlyCollection<CosmosPartitionStore> stores, ActivityPosition position, TimeProvider clock, CancellationToken cancellationToken)
    {
        var to = clock.GetUtcNow();
        var perStore = Math.Max(1, MaxChanges / stores.Count);
        var reads = await Task.WhenAll(stores.Select(store => ReadAsync(store, position, perStore, cancellationToken)));
        var more = reads.Any(read => read.More);
        var next = new ActivityPosition(
            more ? position.From : to,
            to,
            reads.Zip(stores, (read, store) => KeyValuePair.Create(store.Name, read.Continuation)));
        return new ActivityReport(
            position.From,
            to,
            reads.Sum(read => read.Changes),
            more,
            [.. reads.SelectMany(read => read.Tallies.Values).Select(tally => tally.ToActivity())
                .OrderBy(c => c.Container, StringComparer.Ordinal).ThenBy(c => c.Consumer, StringComparer.Ordinal)],
            next.Encode());
    }

    private static async Task<StoreRead> ReadAsync(CosmosPartitionStore store, ActivityPosition position, int most, CancellationToken cancellationToken)
    {
        var read = new StoreRead();
        var continuation = position.ContinuationOf(store.Name);

        // Pages that fill the allowance to the last one.
        var pages = (most + LargestPage - 1) / LargestPage;
        var pageSize = (most + pages - 1) / pages;
        await foreach (var page in store.ChangesAsync(continuation, position.StartOf(store.Name), pageSize, cancellationToken))
        {
            using (page.Document)
            {
                read.Continuation = page.Continuation;
                if (page.Document is null)
                    return read;
                foreach (var item in page.Items)
                {
                    read.Changes++;
                    Count(store, item, position.From, read.Tallies);
                }
            }

            if (read.Changes >= most)
            {
                read.More = true;
                return read;
            }
        }

        return read;
    }

    private static void Count(CosmosPartitionStore store, JsonElement item, DateTimeOffset from, Dictionary<ConsumerName, Tally> tallies)
    {
        // Whatever else lies in the container: it must not hide what can be counted.
        if (!item.TryGetProperty("kind"u8, out var kind) || kind.ValueKind != JsonValueKind.String || !kind.ValueEquals(RecordKinds.Inbox)
            || TimeOf(item, "handledAt"u8) is not { } handledAt
            || !item.TryGetProperty("consumer"u8, out var name) || name.ValueKind != JsonValueKind.String)
        {
            return;
        }

        // A record that notes later deliveries is changed by them and appears again; its effect was counted when it was new.
        if (handledAt < from && item.TryGetProperty("duplicates"u8, out var duplicates)
            && duplicates.ValueKind == JsonValueKind.Number && duplicates.GetDouble() > 0)
        {
            return;
        }

        var consumer = new ConsumerName(name.GetString()!);
        if (!tallies.TryGetValue(consumer, out var tally))
            tallies.Add(consumer, tally = new Tally(store.Name, consumer));
        tally.Add(handledAt, TimeOf(item, "committedAt"u8));
    }

    private static DateTimeOffset? TimeOf(JsonElement item, ReadOnlySpan<byte> name) =>
        item.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.TryGetDateTimeOffset(out var time) ? time : null;

    private sealed class StoreRead
    {
        public Dictionary<ConsumerName, Tally> Tallies { get; } = [];

        public int Changes { get; set; }

        public bool More { get; set; }

        public string Continuation { get; set; } = "";
    }

    private sealed class Tally(string container, ConsumerName consumer)
    {
        private readonly List<double> _latencies = [];
        private int _handled;
        private DateTimeOffset _first = DateTimeOffset.MaxValue;
        private DateTimeOffset _last = DateTimeOffset.MinValue;

        public void Add(DateTimeOffset handledAt, DateTimeOffset? committedAt)
        {
            _handled++;
            _first = handledAt < _first ? handledAt : _first;
            _last = handledAt > _last ? handledAt : _last;

            // Clocks of two instances may differ by more than a message takes.
            if (committedAt is { } at)
                _latencies.Add(Math.Max(0, (handledAt - at).TotalMilliseconds));
        }

        public ConsumerActivity ToActivity()
        {
            _latencies.Sort();
            return new ConsumerActivity(container, consumer.Value, _handled, Percentile(50), Percentile(99), Percentile(100), _first, _last);
        }

        /// <summary>Nearest rank.</summary>
        private double? Percentile(int percent) =>
            _latencies.Count == 0 ? null : Math.Round(_latencies[(int)Math.Ceiling(_latencies.Count * percent / 100.0) - 1], 1);
    }
}

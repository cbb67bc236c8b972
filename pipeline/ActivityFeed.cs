using System.Text.Json;
using Pipeline.Partitions;

namespace Pipeline;

/// <summary>What one consumer handled in a while.</summary>
/// <param name="Container">The container of the consumer.</param>
/// <param name="Consumer">The consumer; <c>http</c> for commands that came over HTTP.</param>
/// <param name="Handled">How many messages.</param>
/// <param name="P50Ms">Half of them had their effect within so many milliseconds of the sender's commit; <see langword="null"/> if no commit time is known.</param>
/// <param name="P99Ms">99 % of them.</param>
/// <param name="MaxMs">All of them.</param>
/// <param name="FirstHandledAt">When the first of them had its effect.</param>
/// <param name="LastHandledAt">When the last of them had its effect.</param>
public sealed record ConsumerActivity(
    string Container,
    string Consumer,
    int Handled,
    double? P50Ms,
    double? P99Ms,
    double? MaxMs,
    DateTimeOffset FirstHandledAt,
    DateTimeOffset LastHandledAt);

/// <summary>What all consumers of all instances handled in a while.</summary>
/// <param name="From">Since when; the same in all answers that belong together by <paramref name="More"/>.</param>
/// <param name="To">Until when.</param>
/// <param name="Changes">How many changes were read for it; most are no handlings.</param>
/// <param name="More">Whether there were more changes than one answer may cover: ask again at once, and add up.</param>
/// <param name="Consumers">By container and consumer; who handled nothing is not listed.</param>
/// <param name="Continuation">Where the next call goes on; at most <see cref="ActivityPosition.MaxLength"/> characters, safe in a URL.</param>
public sealed record ActivityReport(
    DateTimeOffset From, DateTimeOffset To, int Changes, bool More, IReadOnlyList<ConsumerActivity> Consumers, string Continuation);

/// <summary>
/// Tells what goes on from the inbox records that appear in the change feeds: from data, so over all instances, and
/// without anything to be counted while messages are handled.
/// </summary>
public static class ActivityFeed
{
    /// <summary>About the most changes that one call reads, over all containers; a transaction is never split.</summary>
    public const int MaxChanges = 10_000;

    private const int LargestPage = 1000;

    /// <summary>Reads what was handled since a position.</summary>
    /// <exception cref="InvalidOperationException">The position does not fit these containers.</exception>
    /// <exception cref="NotSupportedException">The account has more physical partitions than a position of bounded length can name.</exception>
    /// <exception cref="StoreUnavailableException">Cosmos DB is out of reach.</exception>
    public static async Task<ActivityReport> ReadAsync(
        IReadOnlyCollection<PartitionStore> stores, ActivityPosition position, TimeProvider clock, CancellationToken cancellationToken)
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

    private static async Task<StoreRead> ReadAsync(PartitionStore store, ActivityPosition position, int most, CancellationToken cancellationToken)
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

    private static void Count(PartitionStore store, JsonElement item, DateTimeOffset from, Dictionary<string, Tally> tallies)
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

        var consumer = name.GetString()!;
        if (!tallies.TryGetValue(consumer, out var tally))
            tallies.Add(consumer, tally = new Tally(store.Name, consumer));
        tally.Add(handledAt, TimeOf(item, "committedAt"u8));
    }

    private static DateTimeOffset? TimeOf(JsonElement item, ReadOnlySpan<byte> name) =>
        item.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.TryGetDateTimeOffset(out var time) ? time : null;

    private sealed class StoreRead
    {
        public Dictionary<string, Tally> Tallies { get; } = new(StringComparer.Ordinal);

        public int Changes { get; set; }

        public bool More { get; set; }

        public string Continuation { get; set; } = "";
    }

    private sealed class Tally(string container, string consumer)
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
            return new ConsumerActivity(container, consumer, _handled, Percentile(50), Percentile(99), Percentile(100), _first, _last);
        }

        /// <summary>Nearest rank.</summary>
        private double? Percentile(int percent) =>
            _latencies.Count == 0 ? null : Math.Round(_latencies[(int)Math.Ceiling(_latencies.Count * percent / 100.0) - 1], 1);
    }
}

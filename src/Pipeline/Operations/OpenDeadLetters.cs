using System.Text.Json;
using Pipeline.Client;
using Pipeline.Failures;
using Pipeline.Storage;

namespace Pipeline.Operations;

/// <summary>Counts the open dead letters of one container, by consumer and subject. Dead letters are visited, not kept in memory; blocked subjects are.</summary>
internal sealed class OpenDeadLetters
{
    private readonly Dictionary<string, Tally> _consumers = new(StringComparer.Ordinal);

    /// <summary>All of them.</summary>
    public int Count => _consumers.Values.Sum(t => t.Open);

    /// <summary>Those that are retried by themselves when due.</summary>
    public int WaitingForRetry => _consumers.Values.Sum(t => t.WaitingForRetry);

    /// <summary>Those that nothing but an operator moves: neither held, nor behind one that is.</summary>
    public int ForOperators => _consumers.Values.Sum(t => t.ForOperators);

    /// <summary>Entries that tell of a damaged partition, or cannot be read themselves.</summary>
    public int Damaged { get; private set; }

    /// <summary>Subjects that are blocked at a consumer, counted per consumer.</summary>
    public int BlockedSubjects => _consumers.Values.Sum(t => t.Subjects.Count);

    /// <summary>The consumers that have some, by name.</summary>
    public IReadOnlyList<ConsumerStatus> Consumers =>
    [
        .. _consumers.OrderBy(c => c.Key, StringComparer.Ordinal)
            .Select(c => new ConsumerStatus(c.Key, c.Value.Subjects.Count, c.Value.Oldest, c.Value.ForOperators, c.Value.Open - c.Value.ForOperators)),
    ];

    /// <summary>Reads a container; ends with the page that reaches the limit.</summary>
    /// <exception cref="StoreUnavailableException">It cannot be read.</exception>
    public static async Task<OpenDeadLetters> ReadAsync(CosmosPartitionStore store, int? pageSize, int most, CancellationToken cancellationToken)
    {
        var entries = new OpenDeadLetters();
        var query = StoreQueries.OpenDeadLetterCounts();
        var read = 0;
        await foreach (var page in store.PagesAsync(query, null, null, pageSize, cancellationToken))
        {
            using (page.Document)
            {
                foreach (var item in page.Items)
                {
                    read++;
                    entries.Add(item);
                }
            }

            if (read >= most)
                break;
        }

        return entries;
    }

    private void Add(JsonElement item)
    {
        // One that cannot be read must not hide all the others.
        if (!item.TryGetProperty("consumer"u8, out var name) || name.ValueKind != JsonValueKind.String
            || !item.TryGetProperty("inOrder"u8, out var inOrder) || inOrder.ValueKind is not (JsonValueKind.True or JsonValueKind.False))
        {
            Damaged++;
            return;
        }

        if (item.TryGetProperty("reason"u8, out var reason) && reason.ValueKind == JsonValueKind.String && reason.ValueEquals(DeadLetterReasons.DamagedPartition))
            Damaged++;
        var consumer = name.GetString()!;
        if (!_consumers.TryGetValue(consumer, out var tally))
            _consumers.Add(consumer, tally = new Tally());
        var isWaitingForRetry = item.GetProperty("held"u8).GetBoolean();
        tally.Open++;
        tally.WaitingForRetry += isWaitingForRetry ? 1 : 0;
        if (!inOrder.GetBoolean())
        {
            tally.HeldAlone += isWaitingForRetry ? 1 : 0;
            return;
        }

        var partition = item.GetProperty("pk"u8).GetString()!;
        var (count, wasHeld) = tally.Subjects.GetValueOrDefault(partition);
        tally.Subjects[partition] = (count + 1, wasHeld || isWaitingForRetry);
        if (item.TryGetProperty("createdAt"u8, out var created) && created.ValueKind == JsonValueKind.String && created.TryGetDateTimeOffset(out var at) && (tally.Oldest is null || at < tally.Oldest))
            tally.Oldest = at;
    }

    private sealed class Tally
    {
        public int Open { get; set; }

        public int WaitingForRetry { get; set; }

        /// <summary>WaitingForRetry entries that have no position in a subject.</summary>
        public int HeldAlone { get; set; }

        public DateTimeOffset? Oldest { get; set; }

        public Dictionary<string, (int Count, bool IsHeld)> Subjects { get; } = new(StringComparer.Ordinal);

        public int ForOperators => Open - HeldAlone - Subjects.Values.Sum(s => s.IsHeld ? s.Count : 0);
    }
}

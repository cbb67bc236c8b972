using System.Text.Json;
using Pipeline.Client;
using Pipeline.Failures;
using Pipeline.Storage;

namespace Pipeline.DeadLetters;

/// <summary>Groups dead letters by fingerprint. Entries are visited page by page; only the groups are kept in memory, a bounded number.</summary>
public sealed class DeadLetterGroups
{
    /// <summary>The most groups that are told apart. Entries beyond are counted in <see cref="Ungrouped"/>.</summary>
    public const int MaxGroups = 1000;

    private const int PageSize = 1000;
    private const int MaxTypes = 10;

    private readonly Dictionary<string, Tally> _tallies = new(StringComparer.Ordinal);

    /// <summary>How many entries were visited.</summary>
    public int Total { get; private set; }

    /// <summary>How many of them are in none of the groups, because there are too many groups.</summary>
    public int Ungrouped { get; private set; }

    /// <summary>Adds the entries of one container.</summary>
    /// <exception cref="StoreUnavailableException">The container is unavailable.</exception>
    public async Task AddAsync(CosmosPartitionStore store, DeadLetterFilter filter, CancellationToken cancellationToken)
    {
        var query = StoreQueries.DeadLetters(filter, "c.id, c.pk, c.consumer, c.type, c.fingerprint, c.summary, c.createdAt");
        await foreach (var page in store.PagesAsync(query, filter.OnlyIn, null, PageSize, cancellationToken))
        {
            using (page.Document)
            {
                foreach (var item in page.Items)
                    Add(store.Name, item);
            }
        }
    }

    /// <summary>The groups, the largest first.</summary>
    public IReadOnlyList<DeadLetterGroup> ToList() =>
    [
        .. _tallies
            .Select(t => new DeadLetterGroup(
                t.Key, t.Value.Summary, t.Value.Count, t.Value.First, t.Value.Last,
                [.. t.Value.Consumers.Order(StringComparer.Ordinal)], [.. t.Value.Types.Order(StringComparer.Ordinal)], t.Value.Sample!))
            .OrderByDescending(g => g.Count)
            .ThenBy(g => g.Fingerprint, StringComparer.Ordinal),
    ];

    private void Add(string container, JsonElement item)
    {
        Total++;
        var fingerprint = Text(item, "fingerprint") ?? Fingerprint.Unknown;
        if (!_tallies.TryGetValue(fingerprint, out var tally))
        {
            if (_tallies.Count == MaxGroups)
            {
                Ungrouped++;
                return;
            }

            _tallies.Add(fingerprint, tally = new Tally());
        }

        // One that cannot be read counts all the same.
        var at = item.TryGetProperty("createdAt"u8, out var created) && created.ValueKind == JsonValueKind.String && created.TryGetDateTimeOffset(out var made) ? made : DateTimeOffset.UnixEpoch;
        tally.Count++;
        tally.Last = tally.Last > at ? tally.Last : at;
        tally.Consumers.Add(Text(item, "consumer") ?? "unknown");
        if (Text(item, "type") is { } type && tally.Types.Count < MaxTypes)
            tally.Types.Add(type);
        if (tally.Sample is null || at < tally.First)
            (tally.First, tally.Sample, tally.Summary) = (at, new DeadLetterAddress(container, Text(item, "pk")!, Text(item, "id")!), Text(item, "summary"));
    }

    private static string? Text(JsonElement item, string name) => item.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private sealed class Tally
    {
        public string? Summary { get; set; }

        public int Count { get; set; }

        public DateTimeOffset First { get; set; }

        public DateTimeOffset Last { get; set; }

        public HashSet<string> Consumers { get; } = new(StringComparer.Ordinal);

        public HashSet<string> Types { get; } = new(StringComparer.Ordinal);

        public DeadLetterAddress? Sample { get; set; }
    }
}

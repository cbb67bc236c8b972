using System.Text.Json;
using Pipeline.Consumers;
using Pipeline.Failures;
using Pipeline.Storage;

namespace Pipeline.Replay;

/// <summary>
/// Finds what a replay is about: of every subject that has entries in the selection, the blocking dead letter, if the selection
/// means it. Entries are visited page by page; what is kept in memory is one small record per subject.
/// </summary>
internal sealed class ReplaySelection(IReadOnlyDictionary<ConsumerName, Consumer> consumers)
{
    /// <summary>The most subjects in one replay.</summary>
    public const int MaxSubjects = 50_000;

    private const string Columns = "c.id, c.pk, c.consumer, c.type, c.reason, c.inOrder, c.place, c.fingerprint, c.summary, c.createdAt";
    private const int PageSize = 1000;
    private const int Parallelism = 16;

    private readonly Dictionary<(string Container, Partition Partition, ConsumerName Consumer, DeadLetterId? Entry), SelectedSubject> _subjects = [];
    private int _behindOthers;

    /// <summary>Entries that are never part of a replay.</summary>
    public int NeverReplayed { get; private set; }

    /// <summary>Subjects whose blocking dead letter is not in the selection.</summary>
    public int BehindOthers => _behindOthers;

    /// <summary>Adds the entries of one container.</summary>
    /// <returns>Whether it was added; <see langword="false"/> if there are more than <see cref="MaxSubjects"/> subjects.</returns>
    /// <exception cref="StoreUnavailableException">The container is unavailable.</exception>
    public async Task<bool> AddAsync(CosmosPartitionStore store, DeadLetterFilter filter, CancellationToken cancellationToken)
    {
        await foreach (var page in store.PagesAsync(StoreQueries.DeadLetters(filter, Columns), filter.OnlyIn, null, PageSize, cancellationToken))
        {
            using (page.Document)
            {
                foreach (var item in page.Items)
                    Add(store, item);
                if (_subjects.Count > MaxSubjects)
                    return false;
            }
        }

        return true;
    }

    /// <summary>The subjects whose blocking dead letter is meant, in the order in which they were blocked, each with the number of messages that wait.</summary>
    public async Task<IReadOnlyList<SelectedSubject>> HeadsAsync(CancellationToken cancellationToken)
    {
        await Parallel.ForEachAsync(
            _subjects.Values.Where(s => s.InOrder),
            new ParallelOptions { MaxDegreeOfParallelism = Parallelism, CancellationToken = cancellationToken },
            async (subject, token) =>
            {
                using var read = await subject.Store.ReadAsync(subject.Partition, _ => [], token);
                var position = read.Head.PositionOf(subject.Consumer);
                if (position.Blocked == subject.Entry)
                    subject.Waiting = position.Open;
                else if (position.Blocked is not null)
                    Interlocked.Increment(ref _behindOthers);
            });
        return [.. _subjects.Values.Where(s => s.Waiting > 0).OrderBy(s => s.CreatedAt).ThenBy(s => s.Partition.Value, StringComparer.Ordinal)];
    }

    private void Add(CosmosPartitionStore store, JsonElement item)
    {
        var consumer = new ConsumerName(Text(item, "consumer")!);
        var inOrder = item.GetProperty("inOrder"u8).GetBoolean();
        var reason = Text(item, "reason")!;
        if (!inOrder && (reason is DeadLetterReasons.Expired or DeadLetterReasons.OutOfOrder || consumers.GetValueOrDefault(consumer) is not { IsUnordered: true }))
        {
            NeverReplayed++;
            return;
        }

        var subject = new SelectedSubject
        {
            Store = store,
            Partition = Partition.Of(item),
            Consumer = consumer,
            Entry = new DeadLetterId(Text(item, "id")!),
            InOrder = inOrder,
            Position = Text(item, "place")!,
            Type = Text(item, "type"),
            Reason = reason,
            Fingerprint = Text(item, "fingerprint") ?? Fingerprint.Unknown,
            Summary = Text(item, "summary"),
            CreatedAt = item.GetProperty("createdAt"u8).GetDateTimeOffset(),
            Waiting = inOrder ? 0 : 1,
        };
        var key = (store.Name, subject.Partition, consumer, inOrder ? (DeadLetterId?)null : subject.Entry);
        if (_subjects.TryGetValue(key, out var lowest) && string.CompareOrdinal(lowest.Position, subject.Position) <= 0)
            return;
        _subjects[key] = subject;
    }

    private static string? Text(JsonElement item, string name) =>
        item.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}

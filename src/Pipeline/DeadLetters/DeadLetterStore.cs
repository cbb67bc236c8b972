using System.Text;
using System.Text.Json;
using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.Logging;
using Pipeline.Consumers;
using Pipeline.Messages;
using Pipeline.Storage;

namespace Pipeline.DeadLetters;

/// <summary>
/// Makes, closes and raises ledger entries, always in one batch with the head, so that entry and block exist together
/// or not at all.
/// </summary>
/// <param name="consumer">The consumer's name; one that is gone may still have entries to close.</param>
/// <param name="store">Its container.</param>
/// <param name="clock">The time.</param>
/// <param name="log">Tells what goes into the ledger.</param>
internal sealed class DeadLetterStore(string consumer, PartitionStore store, TimeProvider clock, ILogger log)
{
    /// <summary>Begins the history line of a replay that failed; reason and description follow.</summary>
    public const string FailedAgain = "failed again: ";

    private const int MaxDescriptionLength = 4000;

    public DeadLetterStore(Consumer consumer, PartitionStore store, TimeProvider clock, ILogger log)
        : this(consumer.Name, store, clock, log)
    {
    }

    /// <summary>
    /// Makes an entry for a message that cannot be handled now; in order, it blocks the subject or waits behind what does.
    /// With a <paramref name="hold"/> it is tried again by itself.
    /// </summary>
    public async Task<CommitOutcome> AddAsync(
        ParsedMessage arrival, PartitionHead head, string reason, string description, bool inOrder, CancellationToken cancellationToken, DelayedRetry? hold = null)
    {
        var position = head.Of(consumer);
        var entry = NewEntry(arrival, position, reason, description, inOrder);
        position.Entries++;
        if (inOrder)
        {
            position.Open++;
            position.Highest = Math.Max(position.Highest, entry.Sequence ?? 0);
            if (position.Blocked is null || string.CompareOrdinal(entry.Position, position.BlockedPosition) < 0)
            {
                position.Blocked = entry.Id;
                position.BlockedPosition = entry.Position;
            }
        }

        var commit = new UnitOfWork(arrival.Partition);
        hold?.AddTo(commit, entry, store.Name, clock.GetUtcNow());
        commit.CreateFirst(entry.Id, entry, RecordJson.Default.DeadLetter, CommitOutcome.AlreadyInLedger);
        AddHead(commit, head);
        var outcome = await store.WriteAsync(commit, cancellationToken);
        if (outcome == CommitOutcome.Committed && !store.IsOverlaid)
        {
            Telemetry.LedgerEntries.Add(1, new("consumer", consumer), new("reason", reason));
            log.LogWarning(
                "{Consumer}: message {EventId} of subject {Subject} is in the ledger as {Entry}, {Until}: {Reason}: {Description}",
                consumer, entry.EventId ?? entry.MessageId, arrival.Partition, entry.Id, Until(hold), reason, description);
        }

        return outcome;
    }

    /// <summary>
    /// Adds the closing of an entry to a commit and applies the lift rule: the block goes only when nothing of the subject
    /// is open, else the lowest open entry is the next to be replayed.
    /// </summary>
    /// <param name="commit">The commit.</param>
    /// <param name="head">The partition's head.</param>
    /// <param name="entry">The entry.</param>
    /// <param name="result">One of <see cref="DeadLetterResults"/>.</param>
    /// <param name="how">For the entry's history.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public async Task CloseAsync(UnitOfWork commit, PartitionHead head, DeadLetter entry, string result, string how, CancellationToken cancellationToken)
    {
        entry.Open = false;
        entry.Result = result;
        entry.RetryAt = null;
        entry.Note(clock.GetUtcNow(), how);
        commit.Replace(entry.Id, entry.ETag, entry, RecordJson.Default.DeadLetter);
        if (!entry.InOrder)
            return;

        var position = head.Of(consumer);
        position.Open--;
        if (position.Open <= 0)
        {
            position.Open = 0;
            position.Blocked = null;
            position.BlockedPosition = null;
        }
        else if (position.Blocked == entry.Id)
        {
            (position.Blocked, position.BlockedPosition) = await LowestOpenAsync(entry, cancellationToken);
        }
    }

    /// <summary>Closes an entry by itself: its message turned out to have had its effect.</summary>
    public async Task<CommitOutcome> CloseAloneAsync(PartitionHead head, DeadLetter entry, string result, string how, CancellationToken cancellationToken)
    {
        var commit = new UnitOfWork(head.Partition);
        await CloseAsync(commit, head, entry, result, how, cancellationToken);
        AddHead(commit, head);
        return await store.WriteAsync(commit, cancellationToken);
    }

    /// <summary>Closes an entry whose message turned out to have had its effect before: an edit of it came too late, and is reported as such.</summary>
    public Task<CommitOutcome> CloseAlreadyHandledAsync(PartitionHead head, DeadLetter entry, CancellationToken cancellationToken) =>
        CloseAloneAsync(
            head, entry, DeadLetterResults.AlreadyHandled,
            entry.Edits is { Count: > 0 } ? "had been handled before; the edit had no effect" : "had been handled before",
            cancellationToken);

    /// <summary>Notes that a replay of the entry ended without an effect. Its subject stays blocked, and it waits for an operator if it was held.</summary>
    public Task<CommitOutcome> RaiseAttemptAsync(PartitionHead head, DeadLetter entry, string what, CancellationToken cancellationToken, string? heldFor = null)
    {
        if (entry.RetryAt is not null)
            (entry.RetryAt, entry.Reason) = (null, heldFor ?? DeadLetterReasons.AttemptsExhausted);
        return RaiseAttemptAsync(head, entry, what, null, cancellationToken);
    }

    /// <summary>
    /// Notes that a replay of the entry failed, and why. With a <paramref name="hold"/> it is tried again by itself, else it waits
    /// for an operator from now on.
    /// </summary>
    public async Task<CommitOutcome> FailAgainAsync(
        PartitionHead head, DeadLetter entry, string reason, string description, DelayedRetry? hold, CancellationToken cancellationToken)
    {
        var fingerprint = Fingerprint.Of(reason, description);
        entry.Reason = reason;
        entry.Description = Shorten(description);
        entry.Fingerprint = fingerprint.Id;
        entry.Summary = fingerprint.Summary;
        entry.RetryAt = null;
        var firstLine = description.Split('\n', 2)[0];
        var outcome = await RaiseAttemptAsync(head, entry, $"{FailedAgain}{reason}: {firstLine} ({Until(hold)})", hold, cancellationToken);
        if (outcome == CommitOutcome.Committed && !store.IsOverlaid)
        {
            Telemetry.ReplaysFailed.Add(1, new("consumer", consumer), new("reason", reason));
            // Of what is held the stack was told when it failed first, and is in the entry.
            log.LogWarning(
                "{Consumer}: the replay of {Entry} of subject {Subject} failed, {Until}: {Reason}: {Description}",
                consumer, entry.Id, entry.Partition, Until(hold), reason, hold is null ? description : firstLine);
        }

        return outcome;
    }

    private async Task<CommitOutcome> RaiseAttemptAsync(PartitionHead head, DeadLetter entry, string what, DelayedRetry? hold, CancellationToken cancellationToken)
    {
        entry.Attempt++;
        entry.Note(clock.GetUtcNow(), what);
        var commit = new UnitOfWork(head.Partition);
        hold?.AddTo(commit, entry, store.Name, clock.GetUtcNow());
        commit.Replace(entry.Id, entry.ETag, entry, RecordJson.Default.DeadLetter);
        AddHead(commit, head);
        return await store.WriteAsync(commit, cancellationToken);
    }

    private static string Until(DelayedRetry? hold) => hold is { } h ? $"held until {h.RetryAt:u}" : "waits for an operator";

    private static string Shorten(string description) => description.Length <= MaxDescriptionLength ? description : description[..MaxDescriptionLength];

    public static void AddHead(UnitOfWork commit, PartitionHead head)
    {
        var etag = head.ETag;
        head.ETag = null;
        head.Commits++;
        commit.Replace(head.Id, etag, head, RecordJson.Default.PartitionHead);
    }

    private async Task<(string Id, string Place)> LowestOpenAsync(DeadLetter except, CancellationToken cancellationToken)
    {
        // None, but in a dry run: there the query does not see what was closed or made in memory.
        var overlaid = store.OverlaidIdsOf(except.Partition).Where(Ids.IsLedgerEntry).ToHashSet(StringComparer.Ordinal);
        var query = new QueryDefinition(
            string.Create(CultureInfo.InvariantCulture,
                $"SELECT TOP {1 + overlaid.Count} c.id, c.place FROM c WHERE STARTSWITH(c.id, 'dl:') AND c.consumer = @consumer AND c.open = true ") +
            "AND c.inOrder = true AND c.id != @except ORDER BY c.place")
            .WithParameter("@consumer", consumer)
            .WithParameter("@except", except.Id);
        using var read = await store.Stored.QueryAsync(query, except.Partition, 1 + overlaid.Count, cancellationToken);
        var open = read.Records
            .Select(r => (Id: r.GetProperty("id"u8).GetString()!, Place: r.GetProperty("place"u8).GetString()!))
            .Where(e => !overlaid.Contains(e.Id))
            .ToList();
        if (overlaid.Count > 0)
        {
            using var shown = await store.ReadItemsAsync(except.Partition, overlaid.Where(id => id != except.Id), cancellationToken);
            open.AddRange(shown.Records
                .Select(r => r.Deserialize(RecordJson.Default.DeadLetter)!)
                .Where(e => e is { Open: true, InOrder: true } && e.Consumer == consumer)
                .Select(e => (e.Id, e.Position)));
        }

        return open.Count > 0
            ? open.MinBy(e => e.Place, StringComparer.Ordinal)
            : throw new StoreUnavailableException($"The open entries behind '{except.Id}' cannot be read yet.");
    }

    private DeadLetter NewEntry(ParsedMessage arrival, ConsumerPosition position, string reason, string description, bool inOrder)
    {
        var (delivery, message) = (arrival.Received, arrival.Message);
        var fingerprint = Fingerprint.Of(reason, description);
        return new DeadLetter
        {
            Id = arrival.EntryId,
            Partition = arrival.Partition,
            Consumer = consumer,
            InOrder = inOrder,
            Position = PlaceOf(message?.Sequence, position),
            Reason = reason,
            Description = Shorten(description),
            Fingerprint = fingerprint.Id,
            Summary = fingerprint.Summary,
            EventId = message?.Id,
            Type = message?.Type,
            Source = message?.Source,
            Subject = message?.Subject,
            Sequence = message?.Sequence,
            CorrelationId = message?.CorrelationId,
            CausationId = message?.CausationId,
            TraceParent = message?.TraceParent,
            MessageId = delivery.MessageId,
            Body = delivery.Body.ToArray(),
            Properties = delivery.Properties,
            DeliveryCount = delivery.DeliveryCount,
            CreatedAt = clock.GetUtcNow(),
        };
    }

    /// <summary>By sequence; what has none stands behind everything that came before it, in the order of its coming.</summary>
    private static string PlaceOf(long? sequence, ConsumerPosition position)
    {
        var place = new StringBuilder(32);
        if (sequence is { } number)
            return place.Append(CultureInfo.InvariantCulture, $"{number:D19}.{0:D12}").ToString();
        var behind = position.Handled.Count == 0 ? position.Highest : Math.Max(position.Highest, position.Handled.Values.Max());
        return place.Append(CultureInfo.InvariantCulture, $"{behind:D19}.{++position.Ordinal:D12}").ToString();
    }
}

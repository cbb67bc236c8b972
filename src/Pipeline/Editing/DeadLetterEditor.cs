using Microsoft.Extensions.Logging;
using Pipeline.Client;
using Pipeline.Consumers;
using Pipeline.DeadLetters;
using Pipeline.Diagnostics;
using Pipeline.Failures;
using Pipeline.Messages;
using Pipeline.Payloads;
using Pipeline.Storage;

namespace Pipeline.Editing;

/// <summary>
/// Changes dead-lettered messages, so that a replay of them can succeed. The entry keeps the message as it came, and who
/// edited it, when and why; the identity of the event, by which it is handled once, stays. An edit changes nothing else:
/// the subject stays blocked until the entry is replayed.
/// </summary>
public sealed class DeadLetterEditor
{
    /// <summary>The most edits of one entry.</summary>
    public const int MaxPerEntry = 20;

    /// <summary>The most entries that one step of editing a group takes on.</summary>
    public const int MaxPerStep = 200;

    /// <summary>The most refusals that one step shows in full.</summary>
    public const int MaxRefusalsShown = 50;

    /// <summary>The most open dead letters of one event that an edit takes on; there is one for each consumer, and for each partition that it concerns there.</summary>
    public const int MaxPerEvent = 500;

    private const int MaxRounds = 50;
    private const int Parallelism = 16;
    private const int MaxPatchKept = 16 * 1024;

    private readonly Dictionary<ConsumerName, Consumer> _consumers;
    private readonly EditedMessageBuilder _bodies;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;

    /// <summary>Creates it.</summary>
    public DeadLetterEditor(IEnumerable<Consumer> consumers, MessageCatalog catalog, ClaimCheck claimCheck, TimeProvider clock, ILogger<DeadLetterEditor> log)
    {
        _consumers = consumers.ToDictionary(c => new ConsumerName(c.Name));
        _bodies = new EditedMessageBuilder(catalog, claimCheck);
        _clock = clock;
        _log = log;
    }

    /// <summary>Edits one entry.</summary>
    /// <param name="store">Its container.</param>
    /// <param name="partition">Its partition.</param>
    /// <param name="id">Its id.</param>
    /// <param name="what">What is to become of it.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="StoreUnavailableException">A store is unavailable; editing again is safe.</exception>
    public Task<EditResult> EditAsync(CosmosPartitionStore store, Partition partition, DeadLetterId id, MessageEdit what, CancellationToken cancellationToken) =>
        EditAsync(store, partition, id, what, isGroup: false, cancellationToken);

    /// <summary>Checks that a group has no more open entries than the caller has seen.</summary>
    /// <param name="stores">All containers.</param>
    /// <param name="filter">The group: with a fingerprint, and with the time up to which its entries were seen.</param>
    /// <param name="confirmed">How many entries the caller has seen and means.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <returns><see langword="null"/>, or a description of the group if there are more.</returns>
    public static async Task<string?> ConfirmAsync(IReadOnlyCollection<CosmosPartitionStore> stores, DeadLetterFilter filter, int confirmed, CancellationToken cancellationToken)
    {
        var (count, _) = await DeadLetterDiscarder.CollectAsync(stores, filter with { Open = true }, confirmed, 0, cancellationToken);
        return count > confirmed ? DeadLetterDiscarder.GrownRefusal(count, confirmed) : null;
    }

    /// <summary>
    /// Edits the open entries of a group in one container, a bounded number at a time. What the same edit has changed before
    /// is passed over, so that it may be carried out again from the start; what it cannot change is told and left as it is.
    /// </summary>
    /// <param name="store">The container.</param>
    /// <param name="filter">The group.</param>
    /// <param name="continuation">Where the step before ended; <see langword="null"/> for the first one.</param>
    /// <param name="limit">The most entries to take on now, 1 to <see cref="MaxPerStep"/>.</param>
    /// <param name="what">What is to become of them.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="StoreUnavailableException">A store is unavailable; some may have been edited.</exception>
    public async Task<GroupEdit> EditGroupAsync(
        CosmosPartitionStore store, DeadLetterFilter filter, string? continuation, int limit, MessageEdit what, CancellationToken cancellationToken)
    {
        var (entries, next) = await DeadLetterQueries.ListAsync(store, filter with { Open = true }, Math.Clamp(limit, 1, MaxPerStep), continuation, cancellationToken);
        var results = new EditResult[entries.Count];

        // Entries of one subject share its head, so they are edited one after the other.
        await Parallel.ForEachAsync(
            Enumerable.Range(0, entries.Count).GroupBy(i => entries[i].Partition, StringComparer.Ordinal),
            new ParallelOptions { MaxDegreeOfParallelism = Parallelism, CancellationToken = cancellationToken },
            async (subject, token) =>
            {
                foreach (var i in subject)
                    results[i] = await EditAsync(store, new Partition(entries[i].Partition), new DeadLetterId(entries[i].Id), what, isGroup: true, token);
            });
        var refused = entries.Zip(results)
            .Where(e => e.Second.Outcome is EditOutcome.Refused or EditOutcome.Conflict)
            .Select(e => new RefusedEdit(store.Name, e.First.Partition, e.First.Id, e.Second.Reason!, e.Second.Path))
            .ToList();
        return new GroupEdit(
            results.Count(r => r.Outcome == EditOutcome.Edited), results.Count(r => r.Outcome == EditOutcome.AlreadyEdited),
            [.. refused.Take(MaxRefusalsShown)], refused.Count, next);
    }

    /// <summary>
    /// Makes the same edit of all open entries of an event. Each is checked for itself, as its own consumer reads it, and keeps the
    /// edit with who, when and why. What cannot be edited is named and stays as it is; the others are edited all the same. Carried
    /// out again, what the same edit has changed is passed over.
    /// </summary>
    /// <param name="stores">All containers.</param>
    /// <param name="eventId">CloudEvents id.</param>
    /// <param name="source">CloudEvents source; <see langword="null"/> if the id alone is enough.</param>
    /// <param name="what">What is to become of it.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <returns>What was edited; refused if events of several sources have that id.</returns>
    /// <exception cref="StoreUnavailableException">The entries cannot be looked for. Nothing was edited.</exception>
    public Task<Refusable<EventEdit>> EditEventAsync(
        IReadOnlyCollection<CosmosPartitionStore> stores, CloudEventId eventId, string? source, MessageEdit what, CancellationToken cancellationToken) =>
        new EventEditor(this, _log).EditEventAsync(stores, eventId, source, what, cancellationToken);

    internal async Task<EditResult> EditAsync(
        CosmosPartitionStore store, Partition partition, DeadLetterId id, MessageEdit what, bool isGroup, CancellationToken cancellationToken)
    {
        if (!Ids.IsDeadLetter(id.Value))
            return new EditResult(EditOutcome.NotFound);

        // An attempt whose answer was lost shows itself by its time.
        var now = _clock.GetUtcNow();
        for (var round = 1; round <= MaxRounds; round++)
        {
            using var read = await store.ReadAsync(partition, _ => [id.Value], cancellationToken);
            if (read.Find(id, DeadLetterJson.Default.DeadLetter) is not { } entry)
                return new EditResult(EditOutcome.NotFound);
            var edits = entry.Edits ?? [];
            var before = isGroup ? edits.FirstOrDefault(e => e.Digest == what.Digest) : edits.LastOrDefault();
            if (before?.Digest == what.Digest)
                return new EditResult(before.At == now ? EditOutcome.Edited : EditOutcome.AlreadyEdited);
            if (await WhyNotNowAsync(store, entry, what, cancellationToken) is { } why)
                return new EditResult(EditOutcome.Conflict, why);
            if (edits.Count >= MaxPerEntry)
                return new EditResult(EditOutcome.Refused, $"It was edited {edits.Count} times; more is not kept. Discard it, and have its sender send what is right.");
            if (!_consumers.TryGetValue(entry.Consumer, out var consumer))
                return new EditResult(EditOutcome.Refused, $"There is no consumer '{entry.Consumer}' any more, so nothing tells what it takes.");

            var editId = string.Create(CultureInfo.InvariantCulture, $"{entry.Id}#{edits.Count + 1}");
            var edited = await _bodies.MakeAsync(entry, consumer, what, editId, cancellationToken);
            if (edited.Refusal is { } refusal)
                return refusal;
            switch (await WriteAsync(store, read.Head, entry, what, edited, editId, now, cancellationToken))
            {
                case null:
                    return new EditResult(EditOutcome.Refused, "The entry would become too large with the message as it came and as it is to be. Discard it, and have its sender send what is right.");
                case CommitOutcome.Committed:
                    Telemetry.Edited.Add(1, new KeyValuePair<string, object?>("consumer", entry.Consumer.Value));
                    _log.LogWarning("{Container}/{Partition}: dead letter {DeadLetter} of {Consumer} was edited by {By}: {Why}", store.Name, partition.Value, id.Value, entry.Consumer.Value, what.By, what.Why);
                    return new EditResult(EditOutcome.Edited);
            }
        }

        throw new StoreUnavailableException($"'{partition}' changes too fast to edit '{id}' now.");
    }

    /// <summary>Why the entry cannot be edited as things stand; <see langword="null"/> if it can.</summary>
    private async Task<string?> WhyNotNowAsync(CosmosPartitionStore store, DeadLetter entry, MessageEdit what, CancellationToken cancellationToken)
    {
        if (!entry.Open)
            return $"The entry is closed: {entry.History.LastOrDefault()?.What ?? "nothing tells why"}.";
        if (entry.Reason is DeadLetterReasons.Expired or DeadLetterReasons.OutOfOrder)
            return $"The entry is {entry.Reason}: nothing tells whether it was handled, so it is never replayed, and an edit would have no effect.";
        if (what.From is { } seen && seen != (entry.Edits?.Count ?? 0))
            return string.Create(CultureInfo.InvariantCulture,
                $"Another operator edited it: it has {entry.Edits?.Count ?? 0} edits, not the {seen} that you have seen. Look at it again.");
        if (entry.Replay is not { } replayId)
            return null;
        using var read = await store.ReadItemsAsync(entry.Partition, [Ids.Replay(replayId)], cancellationToken);
        return read.Find(Ids.Replay(replayId), DeadLetterJson.Default.SubjectReplayRecord) is { } replay && IsInHand(entry, replay)
            ? $"The replay '{replayId}' processes it. Wait until it has ended."
            : null;
    }

    /// <summary>
    /// A copy of the message that the broker keeps until later is no hindrance: the edit raises the entry's attempt, and the
    /// copy will have no effect when it comes.
    /// </summary>
    private bool IsInHand(DeadLetter entry, SubjectReplayRecord replay) =>
        replay.Status == ReplayStatus.Applying
        && !(replay.SentEntry == entry.Id && (entry.Attempt > replay.SentAttempt || replay.SentAt > _clock.GetUtcNow()));

    /// <summary>Entry and head in one batch; <see langword="null"/> if that is more than a batch takes.</summary>
    private static async Task<CommitOutcome?> WriteAsync(
        CosmosPartitionStore store, PartitionHead head, DeadLetter entry, MessageEdit what, EditedMessage edited, string editId, DateTimeOffset now, CancellationToken cancellationToken)
    {
        entry.Original ??= entry.Body;
        entry.Body = edited.Body!;
        entry.IdentifyAs(edited.Message!);
        (entry.Edits ??= []).Add(new EditDetails
        {
            Id = editId,
            At = now,
            By = what.By,
            Why = what.Why,
            How = edited.How,
            Patch = what.Patch is { } patch && patch.GetRawText().Length <= MaxPatchKept ? patch : null,
            Digest = what.Digest,
        });

        // A dead letter that waited for a retry waits for an operator from now on: who edits it says when it is tried.
        entry.RetryAt = null;

        // What is in flight of the message as it was finds a higher attempt, and has no effect.
        entry.Attempt++;
        entry.Note(now, $"edited by {what.By} ({edited.How}): {what.Why}");
        var work = new UnitOfWork(head);
        work.Replace(entry.Id.Value, entry.ETag, entry, DeadLetterJson.Default.DeadLetter);
        try
        {
            return await store.CommitAsync(work, cancellationToken);
        }
        catch (CommitTooLargeException)
        {
            return null;
        }
    }
}

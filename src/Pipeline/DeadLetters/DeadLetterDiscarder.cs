using System.Text.Json;
using Microsoft.Extensions.Logging;
using Pipeline.Client;
using Pipeline.Diagnostics;
using Pipeline.Storage;

namespace Pipeline.DeadLetters;

/// <summary>
/// Closes dead letters without an effect: the subject continues without their messages. The entry stays, with who gave it
/// up, when and why, and keeps its message from ever being handled: a later delivery or replay of it finds the closed
/// entry and is completed.
/// </summary>
public sealed class DeadLetterDiscarder(TimeProvider clock, ILogger<DeadLetterDiscarder> log)
{
    /// <summary>The most entries that one step of discarding a group closes.</summary>
    public const int MaxPerStep = 1000;

    private const int MaxRounds = 50;
    private const int Parallelism = 16;

    /// <summary>How long a step continues before it leaves the rest to the next one: callers wait 30 seconds for an answer.</summary>
    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(15);

    /// <summary>Discards one entry. In one batch the entry is closed and the subject is unblocked if nothing else blocks it, so that what follows can be replayed.</summary>
    /// <exception cref="StoreUnavailableException">The store is unavailable; discarding again is safe.</exception>
    public async Task<DiscardOutcome> DiscardAsync(CosmosPartitionStore store, Partition partition, DeadLetterId id, DiscardReason what, CancellationToken cancellationToken)
    {
        if (!Ids.IsDeadLetter(id.Value))
            return DiscardOutcome.NotFound;

        var now = clock.GetUtcNow();
        for (var round = 1; round <= MaxRounds; round++)
        {
            using var read = await store.ReadAsync(partition, _ => [id.Value], cancellationToken);
            if (read.Find(id.Value) is not { } record)
                return DiscardOutcome.NotFound;
            var entry = record.Deserialize(DeadLetterJson.Default.DeadLetter)!;
            if (!entry.Open)
                return what.OutcomeAfter(entry.Discarded, now);

            entry.Discarded = new DiscardDetails { At = now, By = what.By, Reason = what.Reason };
            var deadLetters = new DeadLetterStore(entry.Consumer, store, clock);
            var how = $"discarded by {what.By}: {what.Reason}";
            if (await deadLetters.CloseAsync(read.Head, entry, DeadLetterResults.Discarded, how, cancellationToken) == CommitOutcome.Committed)
            {
                Telemetry.Discarded.Add(1, new("consumer", entry.Consumer.Value), new("reason", entry.Reason));
                log.LogWarning("{Container}/{Partition}: dead letter {DeadLetter} of {Consumer} was discarded by {By}: {Reason}", store.Name, partition.Value, id.Value, entry.Consumer.Value, what.By, what.Reason);
                return DiscardOutcome.Discarded;
            }
        }

        throw new StoreUnavailableException($"'{partition}' changes too fast to close '{id}' now.");
    }

    /// <summary>
    /// Discards open entries of one fingerprint, a bounded number in a bounded time. Run again with the same
    /// arguments it continues where it stopped, until nothing remains.
    /// </summary>
    /// <param name="stores">All containers.</param>
    /// <param name="filter">The group: with a fingerprint, and with the time up to which its entries were seen.</param>
    /// <param name="confirmed">How many entries the caller has seen and means.</param>
    /// <param name="limit">The most to discard now, 1 to <see cref="MaxPerStep"/>.</param>
    /// <param name="what">Who and why.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <returns>What was discarded; refused if there are more than were confirmed.</returns>
    /// <exception cref="StoreUnavailableException">A store is unavailable; some may have been discarded.</exception>
    public async Task<Refusable<GroupDiscard>> DiscardGroupAsync(
        IReadOnlyCollection<CosmosPartitionStore> stores, DeadLetterFilter filter, int confirmed, int limit, DiscardReason what, CancellationToken cancellationToken)
    {
        filter = filter with { Open = true };
        var (found, first) = await CollectAsync(stores, filter, confirmed, Math.Clamp(limit, 1, MaxPerStep), cancellationToken);
        if (found > confirmed)
            return Refusable<GroupDiscard>.Refused(GrownRefusal(found, confirmed));
        var started = clock.GetTimestamp();
        var discarded = 0;
        var gone = 0;

        // Entries of one subject share its head, so they are closed one after the other.
        await Parallel.ForEachAsync(
            first.GroupBy(e => (e.Store, e.Partition)),
            new ParallelOptions { MaxDegreeOfParallelism = Parallelism, CancellationToken = cancellationToken },
            async (subject, token) =>
            {
                foreach (var (store, partition, id) in subject)
                {
                    if (clock.GetElapsedTime(started) > Budget)
                        return;
                    _ = await DiscardAsync(store, partition, id, what, token) == DiscardOutcome.Discarded
                        ? Interlocked.Increment(ref discarded)
                        : Interlocked.Increment(ref gone);
                }
            });
        return new GroupDiscard(discarded, found - discarded - gone);
    }

    /// <summary>Describes a group that has more entries than were confirmed.</summary>
    /// <param name="count">How many there are, at least.</param>
    /// <param name="confirmed">How many were confirmed.</param>
    internal static string GrownRefusal(int count, int confirmed) => string.Create(
        CultureInfo.InvariantCulture, $"The group has {count} open entries or more, not the {confirmed} that were confirmed.");

    /// <summary>Counts the group's entries, one more than confirmed at most, and holds the first ones.</summary>
    internal static async Task<(int Count, List<(CosmosPartitionStore Store, Partition Partition, DeadLetterId Id)> First)> CollectAsync(
        IReadOnlyCollection<CosmosPartitionStore> stores, DeadLetterFilter filter, int confirmed, int limit, CancellationToken cancellationToken)
    {
        var count = 0;
        var first = new List<(CosmosPartitionStore, Partition, DeadLetterId)>(limit);
        foreach (var store in stores)
        {
            await foreach (var page in store.PagesAsync(StoreQueries.DeadLetters(filter, "c.id, c.pk"), filter.OnlyIn, null, 1000, cancellationToken))
            {
                using (page.Document)
                {
                    foreach (var item in page.Items)
                    {
                        if (first.Count < limit)
                            first.Add((store, Partition.Of(item), new DeadLetterId(item.GetProperty("id"u8).GetString()!)));
                        if (++count > confirmed)
                            return (count, first);
                    }
                }
            }
        }

        return (count, first);
    }
}

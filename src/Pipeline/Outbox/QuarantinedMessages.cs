using System.Text.Json;
using Pipeline.Client;
using Pipeline.DeadLetters;
using Pipeline.Diagnostics;
using Pipeline.Storage;

namespace Pipeline.Outbox;

/// <summary>Lists quarantined outbox records, releases them, or discards them.</summary>
public static class QuarantinedMessages
{
    /// <summary>The most records on one page.</summary>
    public const int MaxPageSize = 200;

    /// <summary>The most records that one call releases.</summary>
    public const int MaxPerStep = 1000;

    private const int MaxRounds = 50;
    private const int Parallelism = 16;

    /// <summary>One page of quarantined records with what waits behind them, or of discarded ones.</summary>
    /// <param name="store">The container.</param>
    /// <param name="filter">Which of them.</param>
    /// <param name="discarded">The discarded ones instead of those that are quarantined.</param>
    /// <param name="pageSize">1 to <see cref="MaxPageSize"/>.</param>
    /// <param name="continuation">Where the page before ended; <see langword="null"/> for the first one.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public static async Task<(IReadOnlyList<QuarantinedMessageSummary> Items, string? Continuation)> ListAsync(
        CosmosPartitionStore store, QuarantineFilter filter, bool discarded, int pageSize, string? continuation, CancellationToken cancellationToken)
    {
        var query = discarded ? StoreQueries.DiscardedOutbox() : StoreQueries.Quarantined();
        await foreach (var page in store.PagesAsync(query, null, continuation, Math.Clamp(pageSize, 1, MaxPageSize), cancellationToken))
        {
            using (page.Document)
            {
                var items = page.Items.Select(r => discarded ? ViewOfDiscarded(store, r) : ViewOf(store, r, null)).Where(filter.Matches).ToArray();
                await Parallel.ForAsync(
                    0,
                    items.Length,
                    new ParallelOptions { MaxDegreeOfParallelism = Parallelism, CancellationToken = cancellationToken },
                    async (i, token) =>
                    {
                        if (items[i] is { EventGridOnly: false, Discarded: null })
                            items[i] = items[i] with { Followers = await FollowersOfAsync(store, items[i], token) };
                    });
                return (items, page.Continuation);
            }
        }

        return ([], null);
    }

    /// <summary>Clears the mark; the write wakes the relay, which tries again. False if there is no such quarantined record.</summary>
    public static async Task<bool> ReleaseAsync(CosmosPartitionStore store, Partition partition, long number, CancellationToken cancellationToken)
    {
        var id = Ids.Outbox(number);
        while (true)
        {
            using var read = await store.ReadItemsAsync(partition, [id], cancellationToken);
            if (read.Find(id) is not { } record || !record.TryGetProperty("parked"u8, out _))
                return false;
            var cleared = OutboxRecord.Rewrite(record, null, default);
            var status = await store.ReplaceAsync(partition, id, record.GetProperty("_etag"u8).GetString()!, cleared, cancellationToken);
            if (status != ReplaceOutcome.Changed)
                return status == ReplaceOutcome.Replaced;
        }
    }

    /// <summary>
    /// Releases a group of records, a bounded number at a time. Run again with the same filter, which says up to when
    /// they were quarantined, it continues; what is quarantined anew meanwhile is not taken up again.
    /// </summary>
    /// <param name="stores">The containers.</param>
    /// <param name="filter">Which records; with <see cref="QuarantineFilter.Before"/>.</param>
    /// <param name="limit">The most records, 1 to <see cref="MaxPerStep"/>.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <returns>How many were released, and whether there may be more.</returns>
    public static async Task<(int Released, bool More)> ReleaseGroupAsync(
        IReadOnlyCollection<CosmosPartitionStore> stores, QuarantineFilter filter, int limit, CancellationToken cancellationToken)
    {
        var released = 0;
        foreach (var store in stores)
        {
            await foreach (var page in store.PagesAsync(StoreQueries.Quarantined(), null, null, MaxPageSize, cancellationToken))
            {
                using (page.Document)
                {
                    foreach (var quarantined in page.Items.Select(r => ViewOf(store, r, null)).Where(filter.Matches))
                    {
                        if (released == limit)
                            return (released, true);
                        released += await ReleaseAsync(store, new Partition(quarantined.Partition), quarantined.Number, cancellationToken) ? 1 : 0;
                    }
                }
            }
        }

        return (released, false);
    }

    /// <summary>
    /// Gives a quarantined record up: in one batch it is kept as discarded, with who, when and why, and leaves the outbox, so
    /// that what waits behind it continues. What of it was sent already stays sent.
    /// </summary>
    /// <exception cref="CommitTooLargeException">The record fills a batch by itself, so that it cannot be kept.</exception>
    /// <exception cref="StoreUnavailableException">The store is unavailable; discarding again is safe.</exception>
    public static async Task<DiscardOutcome> DiscardAsync(
        CosmosPartitionStore store, Partition partition, long number, DiscardReason what, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var (id, discardedId) = (Ids.Outbox(number), Ids.Discarded(number));
        for (var round = 1; round <= MaxRounds; round++)
        {
            using var read = await store.ReadItemsAsync(partition, [id, discardedId], cancellationToken);
            if (read.Find(discardedId) is { } before)
                return what.OutcomeAfter(DetailsOf(before), now);
            if (read.Find(id) is not { } record || !record.TryGetProperty("parked"u8, out _))
                return DiscardOutcome.NotFound;

            // Only as it was read, quarantined: one that was released meanwhile may be on its way.
            var commit = new UnitOfWork(partition);
            commit.Create(discardedId, DiscardedRecord(record, discardedId, what, now));
            commit.Delete(id, record.GetProperty("_etag"u8).GetString()!);
            if (await store.CommitAsync(commit, cancellationToken) == CommitOutcome.Committed)
            {
                Telemetry.QuarantinedDiscarded.Add(1, new KeyValuePair<string, object?>("container", store.Name));
                return DiscardOutcome.Discarded;
            }
        }

        throw new StoreUnavailableException(string.Create(CultureInfo.InvariantCulture,
            $"Record {number} of '{partition}' changes too fast to be discarded now."));
    }

    /// <summary>The record as it was, under a kind that is not published.</summary>
    private static byte[] DiscardedRecord(JsonElement record, string id, DiscardReason what, DateTimeOffset now)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("id"u8, id);
            writer.WriteString("kind"u8, RecordKinds.Discarded);
            foreach (var property in record.EnumerateObject())
            {
                if (property.Name[0] != '_' && property.Name is not ("id" or "kind"))
                    property.WriteTo(writer);
            }

            writer.WritePropertyName("discarded"u8);
            JsonSerializer.Serialize(writer, new DiscardDetails { At = now, By = what.By, Reason = what.Reason }, DeadLetterJson.Default.DiscardDetails);
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Counted page by page.</summary>
    private static async Task<int> FollowersOfAsync(CosmosPartitionStore store, QuarantinedMessageSummary quarantined, CancellationToken cancellationToken)
    {
        var query = StoreQueries.UnsentOutboxBehind(Ids.Outbox(quarantined.Number));
        var count = 0;
        await foreach (var page in store.PagesAsync(query, new Partition(quarantined.Partition), null, 1000, cancellationToken))
        {
            using (page.Document)
                count += page.Items.Count();
        }

        return count;
    }

    private static QuarantinedMessageSummary ViewOfDiscarded(CosmosPartitionStore store, JsonElement record) =>
        ViewOf(store, record, DetailsOf(record));

    private static DiscardDetails? DetailsOf(JsonElement discarded) =>
        discarded.GetProperty("discarded"u8).Deserialize(DeadLetterJson.Default.DiscardDetails);

    private static QuarantinedMessageSummary ViewOf(CosmosPartitionStore store, JsonElement record, DiscardDetails? discarded) => new(
        store.Name,
        record.GetProperty("pk"u8).GetString()!,
        Ids.NumberOf(record.GetProperty("id"u8).GetString()!),
        TypesOf(record),
        record.GetProperty("parked"u8).GetProperty("reason"u8).GetString()!,
        record.GetProperty("parked"u8).GetProperty("at"u8).GetDateTimeOffset(),
        0,
        record.TryGetProperty("sent"u8, out _),
        discarded);

    private static string[] TypesOf(JsonElement record) =>
        record.TryGetProperty("messages"u8, out var messages) && messages.ValueKind == JsonValueKind.Array
            ? [.. messages.EnumerateArray().Select(m => m.TryGetProperty("event"u8, out var e) && e.TryGetProperty("type"u8, out var t) ? t.ToString() : "?")]
            : [];
}

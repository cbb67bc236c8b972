using System.Text.Json;
using System.Text.Json.Nodes;
using Pipeline.Client;
using Pipeline.Failures;
using Pipeline.JsonPatches;
using Pipeline.Storage;

namespace Pipeline.DeadLetters;

/// <summary>Reads the dead letters of one container.</summary>
public static class DeadLetterQueries
{
    /// <summary>The most entries on one page.</summary>
    public const int MaxPageSize = 500;

    /// <summary>How many of the messages behind an entry are shown.</summary>
    public const int MaxFollowersShown = 5;

    /// <summary>How many of the places that edits changed are shown.</summary>
    public const int MaxDifferences = 200;

    /// <summary>All that a list shows: bodies may have a megabyte each, so they are left where they are.</summary>
    private const string ListColumns =
        "c.id, c.pk, c.consumer, c.open, c.inOrder, c.reason, c.description, c.fingerprint, c.summary, c.eventId, c.type, c.source, c.subject, "
        + "c.sequence, c.correlationId, c.deliveryCount, c.createdAt, c.attempt, ARRAY_LENGTH(c.edits) AS edited, c.retryAt, c.retries, c.result, c.discarded";

    /// <summary>One page of entries, without bodies.</summary>
    /// <param name="store">The container.</param>
    /// <param name="filter">Which entries.</param>
    /// <param name="pageSize">1 to <see cref="MaxPageSize"/>.</param>
    /// <param name="continuation">Where the page before ended; <see langword="null"/> for the first one.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public static async Task<(IReadOnlyList<DeadLetterDetails> Items, string? Continuation)> ListAsync(
        CosmosPartitionStore store, DeadLetterFilter filter, int pageSize, string? continuation, CancellationToken cancellationToken)
    {
        var query = StoreQueries.DeadLetters(filter, ListColumns);
        await foreach (var page in store.PagesAsync(query, filter.OnlyIn, continuation, Math.Clamp(pageSize, 1, MaxPageSize), cancellationToken))
        {
            using (page.Document)
                return (page.Items.Select(e => ViewOf(store, e)).ToList(), page.Continuation);
        }

        return ([], null);
    }

    /// <summary>One entry; <see langword="null"/> if there is none of that id.</summary>
    /// <param name="store">The container.</param>
    /// <param name="partition">Its partition; <see langword="null"/> looks in all of them.</param>
    /// <param name="id">Its id.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public static async Task<DeadLetterDetails?> FindAsync(CosmosPartitionStore store, Partition? partition, DeadLetterId id, CancellationToken cancellationToken) =>
        await ReadAsync(store, partition, id, cancellationToken) is { } entry ? ViewOf(store, DeadLetterRow.Of(entry)) : null;

    /// <summary>All that is known about one entry, and what waits behind it; <see langword="null"/> if there is none of that id.</summary>
    /// <param name="store">The container.</param>
    /// <param name="partition">Its partition.</param>
    /// <param name="id">Its id.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public static async Task<DeadLetterDetails?> ShowAsync(CosmosPartitionStore store, Partition partition, DeadLetterId id, CancellationToken cancellationToken)
    {
        if (await ReadAsync(store, partition, id, cancellationToken) is not { } entry)
            return null;
        var view = ViewOf(store, DeadLetterRow.Of(entry)) with
        {
            Body = TextOf(entry.Body),
            Original = entry.Original is { } original ? TextOf(original) : null,
            Edits = entry.Edits,
            Differences = entry.Original is null ? null : DifferencesOf(entry.Original, entry.Body),
            Properties = entry.Properties,
            MessageId = entry.MessageId,
            Exception = entry.Exception,
            Replay = entry.Replay,
            History = [.. entry.History.Select(h => $"{h.At:O} {h.What}")],
        };
        if (entry is not { Open: true, InOrder: true })
            return view;
        using var read = await store.ReadAsync(partition, _ => [], cancellationToken);
        var blocked = read.Head.PositionOf(entry.Consumer).Blocked;
        return view with
        {
            WaitsBehind = blocked == entry.Id ? null : blocked?.Value,
            Followers = await FollowersOfAsync(store, entry, cancellationToken),
        };
    }

    /// <summary>What waits behind an entry. There may be many: they are counted page by page, and only the first are kept in memory.</summary>
    private static async Task<FollowersSummary> FollowersOfAsync(CosmosPartitionStore store, DeadLetter entry, CancellationToken cancellationToken)
    {
        var query = StoreQueries.DeadLettersBehind(entry.Consumer, entry.Position);
        var count = 0;
        var first = new SortedList<string, FollowerSummary>(StringComparer.Ordinal);
        await foreach (var page in store.PagesAsync(query, entry.Partition, null, MaxPageSize, cancellationToken))
        {
            using (page.Document)
            {
                foreach (var item in page.Items)
                {
                    count++;
                    var follower = item.Deserialize(DeadLetterJson.Default.FollowerSummary)!;
                    first[item.GetProperty("place"u8).GetString() + follower.Id] = follower;
                    if (first.Count > MaxFollowersShown)
                        first.RemoveAt(MaxFollowersShown);
                }
            }
        }

        return new FollowersSummary(count, [.. first.Values]);
    }

    private static async Task<DeadLetter?> ReadAsync(CosmosPartitionStore store, Partition? partition, DeadLetterId id, CancellationToken cancellationToken)
    {
        using var read = await store.QueryAsync(StoreQueries.DeadLetter(id), partition, 1, cancellationToken);
        return read.Find(id, DeadLetterJson.Default.DeadLetter);
    }

    /// <summary>An entry that cannot be read is listed as damaged, and hides no other.</summary>
    private static DeadLetterDetails ViewOf(CosmosPartitionStore store, JsonElement item)
    {
        try
        {
            return ViewOf(store, item.Deserialize(DeadLetterJson.Default.DeadLetterRow)!);
        }
        catch (JsonException e)
        {
            return new DeadLetterDetails
            {
                Id = TextIn(item, "id") ?? "",
                Container = store.Name,
                Partition = TextIn(item, "pk") ?? "",
                Consumer = TextIn(item, "consumer") ?? "unknown",
                Reason = DeadLetterReasons.DamagedPartition,
                Description = $"The dead letter cannot be read ({e.Message.ReplaceLineEndings(" ")}); restore it from a backup.",
                Fingerprint = Failures.Fingerprint.Unknown,
                Status = "damaged",
            };
        }
    }

    private static string? TextIn(JsonElement item, string name) =>
        item.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static DeadLetterDetails ViewOf(CosmosPartitionStore store, DeadLetterRow entry) => new()
    {
        Id = entry.Id.Value,
        Container = store.Name,
        Partition = entry.Partition.Value,
        Consumer = entry.Consumer.Value,
        Subject = entry.Subject,
        Type = entry.Type,
        EventId = entry.EventId?.Value,
        Source = entry.Source,
        Sequence = entry.Sequence,
        CorrelationId = entry.CorrelationId,
        Reason = entry.Reason,
        Description = entry.Description,
        Fingerprint = entry.Fingerprint ?? Failures.Fingerprint.Unknown,
        Summary = entry.Summary,
        Status = !entry.Open ? "closed" : entry.RetryAt is null ? "open" : "waitingForRetry",
        RetryAt = entry.RetryAt,
        Retries = entry.Retries,
        InOrder = entry.InOrder,
        Attempt = Math.Max(0, entry.Attempt - entry.Edited),
        Edited = entry.Edited,
        Result = entry.Result,
        DeliveryCount = entry.DeliveryCount,
        CreatedAt = entry.CreatedAt,
        Discarded = entry.Discarded,
    };

    /// <summary>What the edits changed in all; <see langword="null"/> where the message as it came was not JSON.</summary>
    private static List<JsonDifference>? DifferencesOf(byte[] original, byte[] body)
    {
        try
        {
            var shown = new ShownData();
            return [.. JsonDifferences.Between(JsonNode.Parse(original), JsonNode.Parse(body)).Take(MaxDifferences).Select(d => d with { Old = shown.Of(d.Old), New = shown.Of(d.New) })];
        }
        catch (Exception e) when (e is JsonException or ArgumentException or InvalidOperationException)
        {
            return null;
        }
    }

    private static string TextOf(byte[] body)
    {
        try
        {
            return new System.Text.UTF8Encoding(false, throwOnInvalidBytes: true).GetString(body);
        }
        catch (System.Text.DecoderFallbackException)
        {
            return Convert.ToBase64String(body);
        }
    }
}

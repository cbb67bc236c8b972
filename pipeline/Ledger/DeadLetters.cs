using System.Text.Json;
using Microsoft.Azure.Cosmos;
using Pipeline.Partitions;

namespace Pipeline.Ledger;

/// <summary>Reads the ledger of one container.</summary>
public static class DeadLetters
{
    /// <summary>The most entries on one page.</summary>
    public const int MaxPageSize = 500;

    /// <summary>All that a list shows: bodies may have a megabyte each, so they are left where they are.</summary>
    private const string ListColumns =
        "c.id, c.pk, c.consumer, c.open, c.inOrder, c.reason, c.description, c.fingerprint, c.summary, c.eventId, c.type, c.source, c.subject, "
        + "c.sequence, c.correlationId, c.deliveryCount, c.createdAt, c.attempt, c.place";

    /// <summary>One page of entries, without bodies.</summary>
    /// <param name="store">The container.</param>
    /// <param name="filter">Which entries.</param>
    /// <param name="pageSize">1 to <see cref="MaxPageSize"/>.</param>
    /// <param name="continuation">Where the page before ended; <see langword="null"/> for the first one.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public static async Task<(IReadOnlyList<DeadLetterView> Items, string? Continuation)> ListAsync(
        PartitionStore store, LedgerFilter filter, int pageSize, string? continuation, CancellationToken cancellationToken)
    {
        var query = filter.Select(ListColumns);
        await foreach (var page in store.PagesAsync(query, filter.Partition, continuation, Math.Clamp(pageSize, 1, MaxPageSize), cancellationToken))
        {
            using (page.Document)
                return (page.Items.Select(e => ViewOf(store, e.Deserialize(RecordJson.Default.LedgerLine)!)).ToList(), page.Continuation);
        }

        return ([], null);
    }

    /// <summary>One entry, with its body and history; <see langword="null"/> if there is none of that id.</summary>
    /// <param name="store">The container.</param>
    /// <param name="partition">Its partition; <see langword="null"/> looks in all of them.</param>
    /// <param name="id">Its id.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public static async Task<DeadLetterView?> FindAsync(PartitionStore store, string? partition, string id, CancellationToken cancellationToken)
    {
        var query = new QueryDefinition("SELECT * FROM c WHERE c.kind = 'deadletter' AND c.id = @id").WithParameter("@id", id);
        using var read = await store.QueryAsync(query, partition, 1, cancellationToken);
        if (read.Count == 0)
            return null;
        var entry = read.Records[0].Deserialize(RecordJson.Default.LedgerEntry)!;
        return ViewOf(store, LedgerLine.Of(entry)) with
        {
            Body = TextOf(entry.Body),
            History = [.. entry.History.Select(h => $"{h.At:O} {h.What}")],
        };
    }

    private static DeadLetterView ViewOf(PartitionStore store, LedgerLine entry) => new()
    {
        Id = entry.Id,
        Container = store.Name,
        Partition = entry.Partition,
        Consumer = entry.Consumer,
        Subject = entry.Subject,
        Type = entry.Type,
        EventId = entry.EventId,
        Source = entry.Source,
        Sequence = entry.Sequence,
        CorrelationId = entry.CorrelationId,
        Reason = entry.Reason,
        Description = entry.Description,
        Fingerprint = entry.Fingerprint ?? Pipeline.Ledger.Fingerprint.Unknown,
        Summary = entry.Summary,
        Status = entry.Open ? "open" : "closed",
        InOrder = entry.InOrder,
        Attempt = entry.Attempt,
        DeliveryCount = entry.DeliveryCount,
        CreatedAt = entry.CreatedAt,
    };

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

using System.Text.Json;
using Microsoft.Azure.Cosmos;
using Pipeline.Partitions;

namespace Pipeline.Ledger;

/// <summary>A ledger entry as operators see it.</summary>
public sealed record DeadLetterView
{
    /// <summary>The entry's id.</summary>
    public required string Id { get; init; }

    /// <summary>The container of the consumer that could not handle it.</summary>
    public required string Container { get; init; }

    /// <summary>The subject.</summary>
    public required string Partition { get; init; }

    /// <summary>The consumer.</summary>
    public required string Consumer { get; init; }

    /// <summary>CloudEvents subject; <see langword="null"/> if the body is no event.</summary>
    public string? Subject { get; init; }

    /// <summary>CloudEvents type.</summary>
    public string? Type { get; init; }

    /// <summary>CloudEvents id.</summary>
    public string? EventId { get; init; }

    /// <summary>CloudEvents source.</summary>
    public string? Source { get; init; }

    /// <summary>The source's sequence.</summary>
    public long? Sequence { get; init; }

    /// <summary>The conversation.</summary>
    public string? CorrelationId { get; init; }

    /// <summary>One of <see cref="Reasons"/>, or what the broker gave.</summary>
    public required string Reason { get; init; }

    /// <summary>What happened.</summary>
    public required string Description { get; init; }

    /// <summary><c>open</c> or <c>closed</c>.</summary>
    public required string Status { get; init; }

    /// <summary>Whether it stands in its subject's line.</summary>
    public bool InOrder { get; init; }

    /// <summary>How often a replay of it failed.</summary>
    public int Attempt { get; init; }

    /// <summary>Deliveries before it was given up.</summary>
    public int DeliveryCount { get; init; }

    /// <summary>When it was given up.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>The body: text if it is UTF-8 JSON, else base64; only in the view of a single entry.</summary>
    public string? Body { get; init; }

    /// <summary>What happened to it since; only in the view of a single entry.</summary>
    public IReadOnlyList<string>? History { get; init; }
}

/// <summary>Reads the ledger of one container.</summary>
public static class DeadLetters
{
    /// <summary>The most entries on one page.</summary>
    public const int MaxPageSize = 500;

    /// <summary>One page of entries.</summary>
    /// <param name="store">The container.</param>
    /// <param name="consumer">Only this consumer's; <see langword="null"/> for all.</param>
    /// <param name="partition">Only this subject's; <see langword="null"/> for all.</param>
    /// <param name="open">Only open or only closed ones; <see langword="null"/> for both.</param>
    /// <param name="pageSize">1 to <see cref="MaxPageSize"/>.</param>
    /// <param name="continuation">Where the page before ended; <see langword="null"/> for the first one.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public static async Task<(IReadOnlyList<DeadLetterView> Items, string? Continuation)> ListAsync(
        PartitionStore store,
        string? consumer,
        string? partition,
        bool? open,
        int pageSize,
        string? continuation,
        CancellationToken cancellationToken)
    {
        var text = "SELECT * FROM c WHERE c.kind = 'deadletter'"
            + (consumer is null ? "" : " AND c.consumer = @consumer")
            + (open is null ? "" : " AND c.open = @open");
        var query = new QueryDefinition(text);
        if (consumer is not null)
            query.WithParameter("@consumer", consumer);
        if (open is not null)
            query.WithParameter("@open", open);
        await foreach (var page in store.PagesAsync(query, partition, continuation, Math.Clamp(pageSize, 1, MaxPageSize), cancellationToken))
        {
            using (page.Document)
            {
                var items = page.Items.Select(e => ViewOf(store, e.Deserialize(RecordJson.Default.LedgerEntry)!, whole: false)).ToList();
                return (items, page.Continuation);
            }
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
        return read.Count == 0 ? null : ViewOf(store, read.Records[0].Deserialize(RecordJson.Default.LedgerEntry)!, whole: true);
    }

    private static DeadLetterView ViewOf(PartitionStore store, LedgerEntry entry, bool whole) => new()
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
        Status = entry.Open ? "open" : "closed",
        InOrder = entry.InOrder,
        Attempt = entry.Attempt,
        DeliveryCount = entry.DeliveryCount,
        CreatedAt = entry.CreatedAt,
        Body = whole ? TextOf(entry.Body) : null,
        History = whole ? [.. entry.History.Select(h => $"{h.At:O} {h.What}")] : null,
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

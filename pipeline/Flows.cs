using System.Text.Json;
using Microsoft.Azure.Cosmos;
using Pipeline.Partitions;

namespace Pipeline;

/// <summary>One handling: a message, what handled it, and what that caused.</summary>
public sealed record HandledView
{
    /// <summary>The container of the consumer.</summary>
    public required string Container { get; init; }

    /// <summary>The partition that was written.</summary>
    public required string Partition { get; init; }

    /// <summary>The consumer; <c>http</c> for a command that came over HTTP.</summary>
    public required string Consumer { get; init; }

    /// <summary>CloudEvents id.</summary>
    public required string EventId { get; init; }

    /// <summary>CloudEvents type, or the command's name.</summary>
    public required string Type { get; init; }

    /// <summary>CloudEvents source.</summary>
    public required string Source { get; init; }

    /// <summary>CloudEvents subject.</summary>
    public string? Subject { get; init; }

    /// <summary>The source's sequence; <see langword="null"/> for what has none.</summary>
    public long? Sequence { get; init; }

    /// <summary>Id of the message that caused this one.</summary>
    public string? CausationId { get; init; }

    /// <summary>When the sender committed the message.</summary>
    public DateTimeOffset? CommittedAt { get; init; }

    /// <summary>When the effect was committed.</summary>
    public required DateTimeOffset HandledAt { get; init; }

    /// <summary>The number of the partition's commit that holds the effect.</summary>
    public required long Commit { get; init; }

    /// <summary>Deliveries until it was handled.</summary>
    public int DeliveryCount { get; init; }

    /// <summary>When the broker took the message; <see langword="null"/> where it does not say.</summary>
    public DateTimeOffset? PublishedAt { get; init; }

    /// <summary>Deliveries that came after the effect, as far as they could be counted.</summary>
    public int Duplicates { get; init; }

    /// <summary>Ids of the messages that the handling sent.</summary>
    public IReadOnlyList<string> Caused { get; init; } = [];

    /// <summary>CloudEvents types of those, in the same order; empty for what was handled by an older release.</summary>
    public IReadOnlyList<string> CausedTypes { get; init; } = [];

    /// <summary>Whether the consumer takes messages in any order, so that their sequence says nothing.</summary>
    public bool OrderFree { get; init; }

    /// <summary>The replay that it was handled by, if any.</summary>
    public string? Replay { get; init; }

    /// <summary>The edit of the message, if it was edited in the ledger: its ledger entry and number.</summary>
    public string? Edit { get; init; }

    /// <summary>Who made that edit.</summary>
    public string? EditedBy { get; init; }
}

/// <summary>Reads what was handled, from the inbox records of a container. They expire, and with them what can be seen here.</summary>
public static class Flows
{
    /// <summary>The most handlings on one page.</summary>
    public const int MaxPageSize = 1000;

    /// <summary>All handlings of one conversation in one container.</summary>
    public static async Task<IReadOnlyList<HandledView>> OfCorrelationAsync(PartitionStore store, string correlationId, CancellationToken cancellationToken)
    {
        var query = new QueryDefinition("SELECT * FROM c WHERE c.kind = 'inbox' AND c.correlationId = @id").WithParameter("@id", correlationId);
        using var read = await store.QueryAsync(query, null, MaxPageSize, cancellationToken);
        return [.. read.Records.Select(r => ViewOf(store, r)).OfType<HandledView>()];
    }

    /// <summary>One page of everything handled in one container.</summary>
    public static async Task<(IReadOnlyList<HandledView> Items, string? Continuation)> PageAsync(
        PartitionStore store, string? continuation, CancellationToken cancellationToken)
    {
        var query = new QueryDefinition("SELECT * FROM c WHERE c.kind = 'inbox'");
        await foreach (var page in store.PagesAsync(query, null, continuation, MaxPageSize, cancellationToken))
        {
            using (page.Document)
                return ([.. page.Items.Select(r => ViewOf(store, r)).OfType<HandledView>()], page.Continuation);
        }

        return ([], null);
    }

    /// <summary><see langword="null"/> for a record that cannot be read: it still proves that its message was handled, and tells no more.</summary>
    private static HandledView? ViewOf(PartitionStore store, JsonElement record)
    {
        InboxRecord inbox;
        try
        {
            inbox = record.Deserialize(RecordJson.Default.InboxRecord)!;
        }
        catch (JsonException)
        {
            return null;
        }

        return new HandledView
        {
            Container = store.Name,
            Partition = inbox.Partition,
            Consumer = inbox.Consumer,
            EventId = inbox.EventId,
            Type = inbox.Type,
            Source = inbox.Source,
            Subject = inbox.Subject,
            Sequence = inbox.Sequence,
            CausationId = inbox.CausationId,
            CommittedAt = inbox.CommittedAt,
            HandledAt = inbox.HandledAt,
            Commit = inbox.Commit,
            DeliveryCount = inbox.DeliveryCount,
            PublishedAt = inbox.PublishedAt,
            Duplicates = inbox.Duplicates,
            Caused = inbox.Caused,
            CausedTypes = inbox.CausedTypes,
            Replay = inbox.Replay,
            Edit = inbox.Edit,
            EditedBy = inbox.EditedBy,
        };
    }
}

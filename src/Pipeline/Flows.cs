using System.Text.Json;
using Microsoft.Azure.Cosmos;
using Pipeline.Storage;

namespace Pipeline;

/// <summary>Reads what was handled, from the inbox records of a container. They expire, and with them what can be seen here.</summary>
public static class Flows
{
    /// <summary>The most handlings on one page.</summary>
    public const int MaxPageSize = 1000;

    /// <summary>All handlings of one conversation in one container.</summary>
    public static async Task<IReadOnlyList<HandledMessageSummary>> OfCorrelationAsync(PartitionStore store, string correlationId, CancellationToken cancellationToken)
    {
        var query = new QueryDefinition("SELECT * FROM c WHERE c.kind = 'inbox' AND c.correlationId = @id").WithParameter("@id", correlationId);
        using var read = await store.QueryAsync(query, null, MaxPageSize, cancellationToken);
        return [.. read.Records.Select(r => ViewOf(store, r)).OfType<HandledMessageSummary>()];
    }

    /// <summary>One page of everything handled in one container.</summary>
    public static async Task<(IReadOnlyList<HandledMessageSummary> Items, string? Continuation)> PageAsync(
        PartitionStore store, string? continuation, CancellationToken cancellationToken)
    {
        var query = new QueryDefinition("SELECT * FROM c WHERE c.kind = 'inbox'");
        await foreach (var page in store.PagesAsync(query, null, continuation, MaxPageSize, cancellationToken))
        {
            using (page.Document)
                return ([.. page.Items.Select(r => ViewOf(store, r)).OfType<HandledMessageSummary>()], page.Continuation);
        }

        return ([], null);
    }

    /// <summary><see langword="null"/> for a record that cannot be read: it still proves that its message was handled, and tells no more.</summary>
    private static HandledMessageSummary? ViewOf(PartitionStore store, JsonElement record)
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

        return new HandledMessageSummary
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

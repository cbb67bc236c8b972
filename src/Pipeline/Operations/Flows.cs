using System.Text.Json;
using Pipeline.Client;
using Pipeline.Inbox;
using Pipeline.Storage;

namespace Pipeline.Operations;

/// <summary>Reads what was handled, from the inbox records of a container. They expire, and with them what can be seen here.</summary>
public static class Flows
{
    /// <summary>The most handlings on one page.</summary>
    public const int MaxPageSize = 1000;

    /// <summary>All handlings of one conversation in one container.</summary>
    public static async Task<IReadOnlyList<HandledMessageSummary>> OfCorrelationAsync(CosmosPartitionStore store, string correlationId, CancellationToken cancellationToken)
    {
        var query = StoreQueries.InboxOfCorrelation(correlationId);
        using var read = await store.QueryAsync(query, null, MaxPageSize, cancellationToken);
        return [.. read.Records.Select(r => ViewOf(store, r)).OfType<HandledMessageSummary>()];
    }

    /// <summary>One page of everything handled in one container.</summary>
    public static async Task<(IReadOnlyList<HandledMessageSummary> Items, string? Continuation)> PageAsync(
        CosmosPartitionStore store, string? continuation, CancellationToken cancellationToken)
    {
        var query = StoreQueries.Inbox();
        await foreach (var page in store.PagesAsync(query, null, continuation, MaxPageSize, cancellationToken))
        {
            using (page.Document)
                return ([.. page.Items.Select(r => ViewOf(store, r)).OfType<HandledMessageSummary>()], page.Continuation);
        }

        return ([], null);
    }

    /// <summary><see langword="null"/> for a record that cannot be read: it still proves that its message was handled, and tells no more.</summary>
    private static HandledMessageSummary? ViewOf(CosmosPartitionStore store, JsonElement record)
    {
        InboxRecord inbox;
        try
        {
            inbox = record.Deserialize(InboxJson.Default.InboxRecord)!;
        }
        catch (JsonException)
        {
            return null;
        }

        return new HandledMessageSummary
        {
            Container = store.Name,
            Partition = inbox.Partition.Value,
            Consumer = inbox.Consumer.Value,
            EventId = inbox.EventId.Value,
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

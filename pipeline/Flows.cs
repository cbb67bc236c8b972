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

    /// <summary>Ids of the messages that the handling sent.</summary>
    public IReadOnlyList<string> Caused { get; init; } = [];

    /// <summary>The replay that it was handled by, if any.</summary>
    public string? Replay { get; init; }
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
        return [.. read.Records.Select(r => ViewOf(store, r))];
    }

    /// <summary>One page of everything handled in one container.</summary>
    public static async Task<(IReadOnlyList<HandledView> Items, string? Continuation)> PageAsync(
        PartitionStore store, string? continuation, CancellationToken cancellationToken)
    {
        var query = new QueryDefinition("SELECT * FROM c WHERE c.kind = 'inbox'");
        await foreach (var page in store.PagesAsync(query, null, continuation, MaxPageSize, cancellationToken))
        {
            using (page.Document)
                return ([.. page.Items.Select(r => ViewOf(store, r))], page.Continuation);
        }

        return ([], null);
    }

    private static HandledView ViewOf(PartitionStore store, JsonElement record)
    {
        var inbox = record.Deserialize(RecordJson.Default.InboxRecord)!;
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
            Caused = inbox.Caused,
            Replay = inbox.Replay,
        };
    }
}

/// <summary>How one container is doing.</summary>
/// <param name="Container">Its name.</param>
/// <param name="BlockedSubjects">Subjects that are blocked at one of its consumers, counted per consumer.</param>
/// <param name="OpenDeadLetters">Open ledger entries.</param>
/// <param name="Parked">Parked outbox records.</param>
/// <param name="Unpublished">Outbox records, the parked ones included.</param>
/// <param name="OldestUnpublishedSeconds">Age of the oldest of them, in seconds; 0 if there is none.</param>
public sealed record ContainerStatus(
    string Container, int BlockedSubjects, int OpenDeadLetters, int Parked, int Unpublished, double OldestUnpublishedSeconds)
{
    /// <summary>Counts; records are visited, not held.</summary>
    public static async Task<ContainerStatus> ReadAsync(PartitionStore store, TimeProvider clock, CancellationToken cancellationToken)
    {
        int open = 0, parked = 0, unpublished = 0;
        var now = clock.GetUtcNow().ToUnixTimeSeconds();
        var oldest = now;
        var blocked = new HashSet<(string, string)>();
        var entries = new QueryDefinition("SELECT c.pk, c.consumer, c.inOrder FROM c WHERE c.kind = 'deadletter' AND c.open = true");
        await foreach (var page in store.PagesAsync(entries, null, null, null, cancellationToken))
        {
            using (page.Document)
            {
                foreach (var item in page.Items)
                {
                    open++;
                    if (item.GetProperty("inOrder"u8).GetBoolean())
                        blocked.Add((item.GetProperty("pk"u8).GetString()!, item.GetProperty("consumer"u8).GetString()!));
                }
            }
        }

        var records = new QueryDefinition("SELECT c._ts, IS_DEFINED(c.parked) AS parked FROM c WHERE c.kind = 'outbox'");
        await foreach (var page in store.PagesAsync(records, null, null, null, cancellationToken))
        {
            using (page.Document)
            {
                foreach (var item in page.Items)
                {
                    unpublished++;
                    oldest = Math.Min(oldest, item.GetProperty("_ts"u8).GetInt64());
                    parked += item.GetProperty("parked"u8).GetBoolean() ? 1 : 0;
                }
            }
        }

        return new ContainerStatus(store.Name, blocked.Count, open, parked, unpublished, now - oldest);
    }
}

using Microsoft.Azure.Cosmos;
using Pipeline.Partitions;

namespace Pipeline;

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
        int parked = 0, unpublished = 0;
        var now = clock.GetUtcNow().ToUnixTimeSeconds();
        var oldest = now;
        var (open, blocked) = await CountOpenEntriesAsync(store, null, int.MaxValue, cancellationToken);
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

        return new ContainerStatus(store.Name, blocked, open, parked, unpublished, now - oldest);
    }

    /// <summary>Counts open ledger entries, and the subjects that they block at one consumer each; ends with the page that reaches the limit.</summary>
    internal static async Task<(int Open, int Blocked)> CountOpenEntriesAsync(
        PartitionStore store, int? pageSize, int most, CancellationToken cancellationToken)
    {
        var open = 0;
        var blocked = new HashSet<(string, string)>();
        var entries = new QueryDefinition("SELECT c.pk, c.consumer, c.inOrder FROM c WHERE c.kind = 'deadletter' AND c.open = true");
        await foreach (var page in store.PagesAsync(entries, null, null, pageSize, cancellationToken))
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

            if (open >= most)
                break;
        }

        return (open, blocked.Count);
    }
}

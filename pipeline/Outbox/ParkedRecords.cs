using System.Net;
using Microsoft.Azure.Cosmos;
using Pipeline.Messages;
using Pipeline.Partitions;

namespace Pipeline.Outbox;

/// <summary>An outbox record that cannot be published.</summary>
/// <param name="Container">The service's container.</param>
/// <param name="Partition">The subject that it holds up.</param>
/// <param name="Number">Its first outgoing number.</param>
/// <param name="Types">The types of its messages.</param>
/// <param name="Reason">Why it is parked.</param>
/// <param name="Since">Since when.</param>
public sealed record ParkedView(string Container, string Partition, long Number, IReadOnlyList<string> Types, string Reason, DateTimeOffset Since);

/// <summary>Lists parked outbox records and lets them go again.</summary>
public static class ParkedRecords
{
    private const int Most = 1000;

    /// <summary>The parked records of one container, at most 1,000.</summary>
    public static async Task<IReadOnlyList<ParkedView>> ListAsync(PartitionStore store, CancellationToken cancellationToken)
    {
        using var read = await store.QueryAsync(
            new QueryDefinition("SELECT * FROM c WHERE c.kind = 'outbox' AND IS_DEFINED(c.parked)"), null, Most, cancellationToken);
        return
        [
            .. read.Records.Select(r => new ParkedView(
                store.Name,
                r.GetProperty("pk"u8).GetString()!,
                r.TryGetProperty("first"u8, out var first) && first.TryGetInt64(out var number) ? number : 0,
                TypesOf(r),
                r.GetProperty("parked"u8).GetProperty("reason"u8).GetString()!,
                r.GetProperty("parked"u8).GetProperty("at"u8).GetDateTimeOffset())),
        ];
    }

    /// <summary>Clears the mark; the write wakes the relay, which tries again. False if there is no such parked record.</summary>
    public static async Task<bool> ResumeAsync(PartitionStore store, string partition, long number, CancellationToken cancellationToken)
    {
        var id = Ids.Outbox(number);
        while (true)
        {
            using var read = await store.ReadAsync(partition, [id], null, cancellationToken);
            if (read.Find(id) is not { } record || !record.TryGetProperty("parked"u8, out _))
                return false;
            var cleared = PendingRecord.Rewrite(record, null, default);
            var status = await store.ReplaceAsync(partition, id, record.GetProperty("_etag"u8).GetString()!, cleared, cancellationToken);
            if (status != HttpStatusCode.PreconditionFailed)
                return status == HttpStatusCode.OK;
        }
    }

    private static string[] TypesOf(System.Text.Json.JsonElement record) =>
        record.TryGetProperty("messages"u8, out var messages) && messages.ValueKind == System.Text.Json.JsonValueKind.Array
            ? [.. messages.EnumerateArray().Select(m => m.TryGetProperty("event"u8, out var e) && e.TryGetProperty("type"u8, out var t) ? t.ToString() : "?")]
            : [];
}

using System.Text.Json;
using Microsoft.Azure.Cosmos;
using Pipeline.Messages;
using Pipeline.Partitions;

namespace Pipeline.State;

/// <summary>One event of an aggregate's stream, for those who show history.</summary>
/// <param name="Version">Its version; the first is 1.</param>
/// <param name="Type">The domain event's name.</param>
/// <param name="Time">When it was committed.</param>
/// <param name="CausationId">The message or command that caused it.</param>
/// <param name="CorrelationId">The conversation that it belongs to.</param>
public sealed record HistoryEntry(long Version, string Type, DateTimeOffset Time, string CausationId, string CorrelationId);

/// <summary>Reads the stream of an event-sourced aggregate.</summary>
public static class EventHistory
{
    /// <summary>The most events that are returned.</summary>
    public const int Most = 1000;

    /// <summary>The first <see cref="Most"/> events of a stream, oldest first.</summary>
    public static async Task<IReadOnlyList<HistoryEntry>> ReadAsync(PartitionStore store, string partition, CancellationToken cancellationToken)
    {
        var query = new QueryDefinition("SELECT * FROM c WHERE c.id >= @from AND c.id <= @to")
            .WithParameter("@from", Ids.Event(1))
            .WithParameter("@to", Ids.Event(Most));
        using var read = await store.QueryAsync(query, partition, Most, cancellationToken);
        return
        [
            .. read.Records
                .Select(r => r.Deserialize(RecordJson.Default.StoredEvent)!)
                .OrderBy(e => e.Version)
                .Select(e => new HistoryEntry(e.Version, e.Data.GetProperty("type"u8).GetString()!, e.Time, e.CausationId, e.CorrelationId)),
        ];
    }
}

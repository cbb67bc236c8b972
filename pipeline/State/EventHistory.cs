using System.Text.Json;
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
    public const int Most = 200;

    /// <summary>The first <see cref="Most"/> events of a stream, oldest first.</summary>
    public static async Task<IReadOnlyList<HistoryEntry>> ReadAsync(PartitionStore store, string partition, CancellationToken cancellationToken)
    {
        using var read = await store.ReadAsync(partition, EventsOf, cancellationToken);
        var missing = EventsOf(read.Head).FirstOrDefault(id => read.Find(id) is null);
        if (missing is not null)
            throw new DamagedPartitionException(store.Name, partition, string.Create(null, $"'{missing}' is missing, though its head is at version {read.Head.Version}"), canBeRecorded: true);
        return
        [
            .. EventsOf(read.Head)
                .Select(id => read.Find(id, RecordJson.Default.StoredEvent)!)
                .OrderBy(e => e.Version)
                .Select(e => new HistoryEntry(e.Version, e.Data.GetProperty("type"u8).GetString()!, e.Time, e.CausationId, e.CorrelationId)),
        ];
    }

    private static IEnumerable<string> EventsOf(Head head)
    {
        for (var version = 1L; version <= Math.Min(head.Version, Most); version++)
            yield return Ids.Event(version);
    }
}

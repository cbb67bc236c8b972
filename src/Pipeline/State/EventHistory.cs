using Pipeline.Storage;

namespace Pipeline.State;

/// <summary>Reads the stream of an event-sourced aggregate.</summary>
public static class EventHistory
{
    /// <summary>The most events that are returned.</summary>
    public const int Most = 200;

    /// <summary>The first <see cref="Most"/> events of a stream, oldest first.</summary>
    public static async Task<IReadOnlyList<HistoryEntry>> ReadAsync(CosmosPartitionStore store, string partition, CancellationToken cancellationToken)
    {
        using var read = await store.ReadAsync(new Partition(partition), EventsOf, cancellationToken);
        var missing = EventsOf(read.Head).FirstOrDefault(id => read.Find(id) is null);
        if (missing is not null)
            throw new DamagedPartitionException(store.Name, read.Head.Partition, string.Create(null, $"'{missing}' is missing, though its head is at version {read.Head.Version}"), canBeRecorded: true);
        return
        [
            .. EventsOf(read.Head)
                .Select(id => read.Find(id, StateJson.Default.StoredEvent)!)
                .OrderBy(e => e.Version)
                .Select(e => new HistoryEntry(e.Version, e.Data.GetProperty("type"u8).GetString()!, e.Time, e.CausationId, e.CorrelationId)),
        ];
    }

    private static IEnumerable<string> EventsOf(PartitionHead head)
    {
        for (var version = 1L; version <= Math.Min(head.Version, Most); version++)
            yield return Ids.Event(version);
    }
}

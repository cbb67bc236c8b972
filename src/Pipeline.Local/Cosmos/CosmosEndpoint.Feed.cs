using Pipeline.Local.Testing;

namespace Pipeline.Local.Cosmos;

/// <content>Readers of change feeds that are woken by changes instead of polling.</content>
internal sealed partial class CosmosEndpoint
{
    /// <summary>Parks a reader that has seen everything up to <paramref name="lsn"/>.</summary>
    /// <param name="path">The path that it reads.</param>
    /// <param name="lsn">How far it has come.</param>
    /// <param name="feed">Counts it.</param>
    /// <returns><see langword="null"/> if there is more to read already, or no such container.</returns>
    public ParkedRead? Park(string path, long lsn, FeedActivity feed)
    {
        if (Find(ResourceAddress.Parse(path)) is not { } container)
            return null;
        lock (_store.Gate)
        {
            if (container.Lsn != lsn || container.Dropped)
                return null;
            var read = new ParkedRead(feed);
            container.Parked.Add(read);
            read.Park();
            return read;
        }
    }

    /// <summary>Ends a parked read, if no change has.</summary>
    public void Unpark(string path, ParkedRead read)
    {
        lock (_store.Gate)
        {
            if (Find(ResourceAddress.Parse(path)) is { } container && container.Parked.Remove(read))
                read.Wake();
        }
    }

    /// <summary>Physical partitions of a container; 0 if there is no such container.</summary>
    public int PhysicalPartitionsOf(string database, string container) =>
        _store.FindDatabase(database) is { } owner ? _store.FindContainer(owner, container)?.Ranges.Count ?? 0 : 0;

    private StoredContainer? Find(ResourceAddress address) =>
        _store.FindDatabase(address.Database) is { } database ? _store.FindContainer(database, address.Container) : null;
}

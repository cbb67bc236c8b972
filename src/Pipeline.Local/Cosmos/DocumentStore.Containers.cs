namespace Pipeline.Local.Cosmos;

/// <content>Databases and containers.</content>
internal sealed partial class DocumentStore
{
    public List<StoredDatabase> Databases()
    {
        lock (_gate)
            return [.. _state.Databases.Values];
    }

    public StoredDatabase? FindDatabase(string nameOrRid)
    {
        lock (_gate)
        {
            return _state.Databases.TryGetValue(nameOrRid, out var database)
                ? database
                : _state.Databases.Values.FirstOrDefault(candidate => string.Equals(candidate.Rid, nameOrRid, StringComparison.Ordinal));
        }
    }

    public List<StoredContainer> Containers(StoredDatabase database)
    {
        lock (_gate)
            return [.. database.Containers.Values];
    }

    public StoredContainer? FindContainer(StoredDatabase database, string nameOrRid)
    {
        lock (_gate)
        {
            return database.Containers.TryGetValue(nameOrRid, out var container)
                ? container
                : database.Containers.Values.FirstOrDefault(candidate => string.Equals(candidate.Rid, nameOrRid, StringComparison.Ordinal));
        }
    }

    /// <summary>The number of a container's last change.</summary>
    public long LastChangeOf(string database, string container)
    {
        lock (_gate)
            return FindContainer(FindDatabase(database)!, container)!.Lsn;
    }

    /// <returns>The database, and whether it is new.</returns>
    public (StoredDatabase Database, bool Created) CreateDatabase(string name)
    {
        ResourceName.Check(name);
        lock (_gate)
        {
            if (_state.Databases.TryGetValue(name, out var existing))
                return (existing, false);
            var database = new StoredDatabase(name, _state.LastDatabase + 1, NowSeconds, _state.Index);
            Persist(() => _journal.AppendDatabase(database));
            _state.AddDatabase(database);
            return (database, true);
        }
    }

    /// <returns>The container, and whether it is new.</returns>
    public (StoredContainer Container, bool Created) CreateContainer(
        StoredDatabase database, string name, ContainerDefinition definition, int? defaultTimeToLiveSeconds)
    {
        ResourceName.Check(name);
        lock (_gate)
        {
            CheckExists(database);
            if (database.Containers.TryGetValue(name, out var existing))
                return (existing, false);
            var container = new StoredContainer(database, name, database.LastContainer + 1, definition, NowSeconds);
            Persist(() => _journal.AppendContainer(container, defaultTimeToLiveSeconds));
            container.SetDefaultTimeToLive(defaultTimeToLiveSeconds);
            StoreState.AddContainer(container);
            return (container, true);
        }
    }

    public void SetDefaultTimeToLive(StoredContainer container, int? seconds)
    {
        lock (_gate)
        {
            CheckExists(container);
            if (container.DefaultTimeToLiveSeconds == seconds)
                return;
            if (container.DefaultTimeToLiveSeconds is not null)
            {
                // Replay would take what has expired by now for alive, if it knew only the new time to live.
                var nowSeconds = NowSeconds;
                Persist(() => _journal.AppendExpired(container, nowSeconds));
                container.PurgeAll(nowSeconds);
            }

            Persist(() => _journal.AppendContainer(container, seconds));
            container.SetDefaultTimeToLive(seconds);
        }
    }

    public void Drop(StoredDatabase database)
    {
        lock (_gate)
        {
            CheckExists(database);
            Persist(() => _journal.AppendDatabaseDropped(database));
            _state.DropDatabase(database);
        }
    }

    public void Drop(StoredContainer container)
    {
        lock (_gate)
        {
            CheckExists(container);
            Persist(() => _journal.AppendContainerDropped(container));
            StoreState.DropContainer(container);
        }
    }

    /// <summary>Another client may have deleted it since it was looked up; the journal must not name it any more.</summary>
    private static void CheckExists(StoredDatabase database)
    {
        if (database.Dropped)
            throw MissingOwner($"The database {database.Name} was deleted.");
    }

    private static void CheckExists(StoredContainer container)
    {
        if (container.Dropped)
            throw MissingOwner($"The container {container.Name} was deleted.");
    }
}

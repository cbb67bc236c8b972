namespace Pipeline.Local.Cosmos;

/// <summary>
/// Where every document is, and what is asked for by id, kind, change and expiry. How much of it is in memory does not
/// depend on how much is stored: see <see cref="IndexFile"/>. Guarded by the store's lock.
/// </summary>
internal sealed partial class DocumentIndex : IDisposable
{
    private const string Columns = "row, place, id, key, rid, lsn, ordinal, timestamp, length, content, body, kind, ttl, expires";

    private const int MaxTidiedAtOnce = 200;

    private readonly Queue<StoredContainer> _dropped = new();
    private readonly IndexFile _file;
    private readonly IndexStatement _find;
    private readonly IndexStatement _findRow;
    private readonly IndexStatement _put;
    private readonly IndexStatement _remove;
    private readonly IndexStatement _expired;
    private readonly IndexStatement _nextExpiry;
    private readonly IndexStatement _setExpiry;
    private readonly IndexStatement _someOfContainer;
    private readonly IndexStatement _move;
    private readonly IndexStatement _applyMoves;
    private readonly IndexStatement _forgetMoves;

    /// <param name="path">Its file; null for memory.</param>
    /// <param name="bodies">Where the documents' bodies are.</param>
    /// <exception cref="IOException">The file cannot be made.</exception>
    public DocumentIndex(string? path, BodyCache bodies)
    {
        Bodies = bodies;
        _file = new IndexFile(path);
        _find = _file.Statement($"SELECT {Columns} FROM documents INDEXED BY by_id WHERE container = ? AND place = ? AND id = ?");
        _findRow = _file.Statement("SELECT row, length, body FROM documents INDEXED BY by_id WHERE container = ? AND place = ? AND id = ?");
        _put = _file.Statement($"INSERT INTO documents(container, {Columns}) VALUES(?, NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
        _remove = _file.Statement("DELETE FROM documents WHERE row = ?");
        // By by_expiry, once there is that index.
        _expired = _file.Statement("SELECT row, length, body, place, id FROM documents WHERE container = ? AND expires <= ? ORDER BY expires LIMIT ?");
        _nextExpiry = _file.Statement("SELECT expires FROM documents INDEXED BY by_expiry WHERE container = ? AND expires > ? ORDER BY expires LIMIT 1");
        const string Expiry = "CASE WHEN coalesce(ttl, ?2) > 0 AND ?2 IS NOT NULL THEN timestamp + coalesce(ttl, ?2) END";
        _setExpiry = _file.Statement($"UPDATE documents SET expires = {Expiry} WHERE container = ?1 AND expires IS NOT {Expiry}");
        _someOfContainer = _file.Statement("SELECT row, length, body, place, id FROM documents INDEXED BY by_id WHERE container = ? LIMIT ?");
        _move = _file.Statement("INSERT INTO moved VALUES(?, ?)");
        _applyMoves = _file.Statement("UPDATE documents SET body = moved.body FROM moved WHERE moved.row = documents.row");
        _forgetMoves = _file.Statement("DELETE FROM moved");
        (_ids, _idsDescending, _ring, _nextPlace, _kind) = Scans();
        (_feed, _feedOfPartition, _someOfPartition, _firstChange) = Feeds();
        (_putUnique, _removeUnique, _findUnique) = UniqueValues();
    }

    public BodyCache Bodies { get; }

    /// <summary>For tests.</summary>
    public IndexFile File => _file;

    /// <summary>The journal has been replayed; before that, documents can only be put, found and removed.</summary>
    public void Complete() => _file.Complete();

    public StoredDocument? Find(Partition partition, string id)
    {
        if (!At(_find, partition, id).Step())
            return null;
        var document = Read(_find, partition, id);
        _find.Reset();
        return document;
    }

    /// <summary>Adds a document; there must be none with its id.</summary>
    public void Put(StoredDocument document)
    {
        var partition = document.Partition;
        _put.Bind(1, partition.Container.Place).Bind(2, partition.Place).BindOrdinal(3, document.Id).Bind(4, partition.KeyBytes)
            .Bind(5, (long)document.Rid).Bind(6, document.Lsn).Bind(7, document.Ordinal).Bind(8, document.TimestampSeconds)
            .Bind(9, document.JsonLength).Bind(10, document.ContentLength).Bind(11, document.Body);
        if (document.Kind is { } kind)
            _put.BindOrdinal(12, kind);
        else
            _put.BindNull(12);
        _put.Bind(13, document.TimeToLiveSeconds)
            .Bind(14, document.ExpiresAtSeconds == long.MaxValue ? null : document.ExpiresAtSeconds).Run();
        foreach (var value in document.UniqueValues ?? [])
            _putUnique.Bind(1, partition.Container.Place).Bind(2, partition.Place).BindOrdinal(3, value).BindOrdinal(4, document.Id).Run();
    }

    /// <returns>Length of what was removed, in bytes; null: there was nothing.</returns>
    public int? Remove(Partition partition, string id)
    {
        if (!At(_findRow, partition, id).Step())
            return null;
        var (row, length, body) = (_findRow.Long(0), _findRow.Int(1), _findRow.Long(2));
        _findRow.Reset();
        _remove.Bind(1, row).Run();
        Bodies.Remove(body);
        if (partition.Container.Definition.UniqueKeys.Length > 0)
            At(_removeUnique, partition, id).Run();
        return length;
    }

    /// <summary>Removes what has expired, but not more than so many.</summary>
    /// <returns>How many, and their length in bytes.</returns>
    public (int Count, long Bytes) RemoveExpired(StoredContainer container, long nowSeconds, int max) =>
        Remove(_expired.Bind(1, container.Place).Bind(2, nowSeconds).Bind(3, max), container);

    /// <summary>Removes the documents that a statement, whose parameters are bound, finds.</summary>
    private (int Count, long Bytes) Remove(IndexStatement found, StoredContainer container)
    {
        var rows = new List<(long Row, long Body)>();
        var bytes = 0L;
        while (found.Step())
        {
            rows.Add((found.Long(0), found.Long(2)));
            bytes += found.Int(1);
            if (container.Definition.UniqueKeys.Length > 0)
                _removeUnique.Bind(1, container.Place).Bind(2, found.Bytes(3)).Bind(3, found.Bytes(4)).Run();
        }

        foreach (var (row, body) in rows)
        {
            _remove.Bind(1, row).Run();
            Bodies.Remove(body);
        }

        return (rows.Count, bytes);
    }

    /// <summary>When the next document expires; <see cref="long.MaxValue"/> for never.</summary>
    public long NextExpiry(StoredContainer container)
    {
        if (!_nextExpiry.Bind(1, container.Place).Bind(2, long.MinValue).Step())
            return long.MaxValue;
        var seconds = _nextExpiry.Long(0);
        _nextExpiry.Reset();
        return seconds;
    }

    /// <summary>Sets when documents expire, which have a time to live of their own or take this one.</summary>
    public void SetExpiry(StoredContainer container, int? defaultSeconds) => _setExpiry.Bind(1, container.Place).Bind(2, defaultSeconds).Run();

    /// <summary>The documents of a container that nobody can ask for any more go, some now and the others with <see cref="Tidy"/>.</summary>
    public void Drop(StoredContainer container)
    {
        _dropped.Enqueue(container);
        Tidy();
    }

    /// <summary>Removes some documents of dropped containers: all at once would keep everyone waiting.</summary>
    public void Tidy()
    {
        if (_dropped.TryPeek(out var container)
            && Remove(_someOfContainer.Bind(1, container.Place).Bind(2, MaxTidiedAtOnce), container).Count < MaxTidiedAtOnce)
            _dropped.Dequeue();
    }

    /// <summary>Notes where a document's body will be once <see cref="ApplyMoves"/> is called.</summary>
    public void Move(StoredDocument document, long body) => _move.Bind(1, document.Row).Bind(2, body).Run();

    public void ApplyMoves()
    {
        // First: should the index fail, nobody must read a body from where it was.
        Bodies.Moved();
        _applyMoves.Run();
    }

    public void ForgetMoves() => _forgetMoves.Run();

    public void Dispose() => _file.Dispose();

    private static IndexStatement At(IndexStatement statement, Partition partition, string id) =>
        statement.Bind(1, partition.Container.Place).Bind(2, partition.Place).BindOrdinal(3, id);

    /// <summary>The document in the row that the statement stands on.</summary>
    private StoredDocument Read(IndexStatement row, Partition partition, string? id = null) => new()
    {
        Row = row.Long(0),
        Partition = partition,
        Id = id ?? OrdinalText.Read(row.Bytes(2)),
        Rid = (ulong)row.Long(4),
        Lsn = row.Long(5),
        Ordinal = (ushort)row.Int(6),
        TimestampSeconds = row.Long(7),
        JsonLength = row.Int(8),
        ContentLength = row.Int(9),
        Body = row.Long(10),
        Kind = row.IsNull(11) ? null : OrdinalText.Read(row.Bytes(11)),
        TimeToLiveSeconds = row.IsNull(12) ? null : row.Int(12),
        ExpiresAtSeconds = row.IsNull(13) ? long.MaxValue : row.Long(13),
        Generation = Bodies.Generation,
        KeptJson = Bodies.Find(row.Long(10)),
    };
}

using Pipeline.Local.Cosmos.Sql;

namespace Pipeline.Local.Cosmos;

/// <summary>The ways through the index.</summary>
internal sealed partial class DocumentIndex
{
    /// <summary>A range of a partition's changes is looked up in the partition when it has at most so many documents.</summary>
    private const int SmallPartition = 1000;

    /// <summary>Behind the id of every document, which has at most 1,023 bytes.</summary>
    private static readonly byte[] BehindIds = [.. Enumerable.Repeat(byte.MaxValue, 2048)];

    private readonly IndexStatement _ids;
    private readonly IndexStatement _idsDescending;
    private readonly IndexStatement _ring;
    private readonly IndexStatement _nextPlace;
    private readonly IndexStatement _kind;
    private readonly IndexStatement _feed;
    private readonly IndexStatement _feedOfPartition;
    private readonly IndexStatement _someOfPartition;
    private readonly IndexStatement _firstChange;
    private readonly IndexStatement _putUnique;
    private readonly IndexStatement _removeUnique;
    private readonly IndexStatement _findUnique;

    /// <summary>Up to so many documents of a partition, whose ids are in a range.</summary>
    public List<StoredDocument> Range(Partition partition, KeyRange ids, bool descending, int max)
    {
        var statement = descending ? _idsDescending : _ids;
        statement.Bind(1, partition.Container.Place).Bind(2, partition.Place).BindOrdinal(3, ids.Low, behind: !ids.LowIncluded);
        if (ids.High is { } high)
            statement.BindOrdinal(4, high, behind: ids.HighIncluded);
        else
            statement.Bind(4, BehindIds);
        statement.Bind(5, max);
        return [.. Rows(statement, partition.Container, partition)];
    }

    /// <summary>Up to so many documents of a part of the ring, in scan order, from behind a key on.</summary>
    /// <param name="container">The container.</param>
    /// <param name="range">The part of the ring.</param>
    /// <param name="kind">Only documents of this kind; null for all.</param>
    /// <param name="after">The key; null for the beginning.</param>
    /// <param name="max">How many at most.</param>
    public List<StoredDocument> Scan(StoredContainer container, RingRange range, string? kind, DocumentKey? after, int max)
    {
        var statement = kind is null ? _ring : _kind;
        var from = after is { } key && key.EffectiveKey >= range.From ? key : new(range.From, "");
        statement.Bind(1, container.Place).Bind(2, from.EffectiveKey).BindOrdinal(3, from.Id).Bind(4, range.To).Bind(5, max);
        if (kind is not null)
            statement.BindOrdinal(6, kind);
        return [.. Rows(statement, container)];
    }

    /// <summary>The first partition at a place of the ring or behind it.</summary>
    public Partition? FindPartition(StoredContainer container, EffectiveKey from)
    {
        if (!_nextPlace.Bind(1, container.Place).Bind(2, from).Step())
            return null;
        var partition = PartitionOf(_nextPlace, container, null);
        _nextPlace.Reset();
        return partition;
    }

    /// <summary>The documents changed after an LSN, in the order of the changes.</summary>
    public IEnumerable<StoredDocument> Changes(StoredContainer container, long after)
    {
        _feed.Bind(1, container.Place).Bind(2, after);
        return Rows(_feed, container);
    }

    /// <summary>Those of one partition at least: a few changes of a large one are found among all.</summary>
    public IEnumerable<StoredDocument> Changes(Partition partition, long after)
    {
        if (partition.Container.Lsn - after <= SmallPartition || !IsSmall(partition))
            return Changes(partition.Container, after);
        _feedOfPartition.Bind(1, partition.Container.Place).Bind(2, partition.Place).Bind(3, after);
        return Rows(_feedOfPartition, partition.Container);
    }

    /// <summary>The LSN and the time of the first document changed at an LSN or behind it.</summary>
    public (long Lsn, long TimestampSeconds)? FirstChange(StoredContainer container, long from)
    {
        if (!_firstChange.Bind(1, container.Place).Bind(2, from).Step())
            return null;
        var found = (_firstChange.Long(0), _firstChange.Long(1));
        _firstChange.Reset();
        return found;
    }

    /// <summary>The id of the document of a partition that has a value of a unique key.</summary>
    public string? FindUnique(Partition partition, string value)
    {
        if (!At(_findUnique, partition, value).Step())
            return null;
        var id = OrdinalText.Read(_findUnique.Bytes(0));
        _findUnique.Reset();
        return id;
    }

    private bool IsSmall(Partition partition)
    {
        _someOfPartition.Bind(1, partition.Container.Place).Bind(2, partition.Place).Bind(3, SmallPartition + 1).Step();
        var count = _someOfPartition.Int(0);
        _someOfPartition.Reset();
        return count <= SmallPartition;
    }

    private IEnumerable<StoredDocument> Rows(IndexStatement statement, StoredContainer container, Partition? partition = null)
    {
        try
        {
            while (statement.Step())
                yield return Read(statement, partition = PartitionOf(statement, container, partition));
        }
        finally
        {
            statement.Reset();
        }
    }

    private static Partition PartitionOf(IndexStatement row, StoredContainer container, Partition? previous) =>
        previous is not null && row.Bytes(1).SequenceEqual(previous.Place) ? previous : new Partition(container, row.Bytes(1), row.Bytes(3));

    private (IndexStatement, IndexStatement, IndexStatement, IndexStatement, IndexStatement) Scans()
    {
        var range = $"SELECT {Columns} FROM documents INDEXED BY by_id WHERE container = ? AND place = ? AND id >= ? AND id < ? ORDER BY id";
        return (
            _file.Statement($"{range} LIMIT ?"),
            _file.Statement($"{range} DESC LIMIT ?"),
            _file.Statement($"""
                SELECT {Columns} FROM documents INDEXED BY by_id
                WHERE container = ?1 AND (place, id) > (?2, ?3) AND place < ?4 ORDER BY place, id LIMIT ?5
                """),
            _file.Statement($"SELECT {Columns} FROM documents INDEXED BY by_id WHERE container = ? AND place >= ? ORDER BY place LIMIT 1"),
            _file.Statement($"""
                SELECT {Columns} FROM documents INDEXED BY by_kind
                WHERE container = ?1 AND kind = ?6 AND (place, id) > (?2, ?3) AND place < ?4 ORDER BY place, id LIMIT ?5
                """));
    }

    private (IndexStatement, IndexStatement, IndexStatement, IndexStatement) Feeds() => (
        _file.Statement($"SELECT {Columns} FROM documents INDEXED BY by_lsn WHERE container = ? AND lsn > ? ORDER BY lsn, ordinal"),
        _file.Statement($"SELECT {Columns} FROM documents INDEXED BY by_id WHERE container = ? AND place = ? AND lsn > ? ORDER BY lsn, ordinal"),
        _file.Statement("SELECT count(*) FROM (SELECT 1 FROM documents INDEXED BY by_id WHERE container = ? AND place = ? LIMIT ?)"),
        _file.Statement("SELECT lsn, timestamp FROM documents INDEXED BY by_lsn WHERE container = ? AND lsn >= ? ORDER BY lsn LIMIT 1"));

    private (IndexStatement, IndexStatement, IndexStatement) UniqueValues() => (
        _file.Statement("INSERT OR REPLACE INTO unique_values VALUES(?, ?, ?, ?)"),
        _file.Statement("DELETE FROM unique_values WHERE container = ? AND place = ? AND id = ?"),
        _file.Statement("SELECT id FROM unique_values WHERE container = ? AND place = ? AND value = ?"));
}

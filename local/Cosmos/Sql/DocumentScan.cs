namespace Pipeline.Local.Cosmos.Sql;

/// <summary>
/// Collects the documents that a query has to look at, a bounded number per hold of the store's lock, in the scan order
/// of the container. It goes on behind the last key it saw, so documents may come and go in between.
/// </summary>
internal sealed class DocumentScan
{
    /// <summary>Partitions and documents looked at in one hold of the lock: some hundred microseconds.</summary>
    private const int MaxStepsPerHold = 5000;
    private const int MaxKinds = 8;

    private readonly DocumentStore _store;
    private readonly StoredContainer _container;
    private readonly RingRange _range;
    private readonly List<(EffectiveKey EffectiveKey, PartitionKeyValue Key)>? _partitions;
    private readonly List<KeyRange> _ids;
    private readonly List<string>? _kinds;
    private readonly bool _descending;
    private DocumentKey? _after;

    /// <param name="scope">The container, and the part of it that the request names.</param>
    /// <param name="where">The condition of the query.</param>
    /// <param name="row">Gives the parameters.</param>
    /// <param name="descending">By id, backwards; for a single partition only.</param>
    /// <param name="after">Where an earlier page ended.</param>
    public DocumentScan(QueryScope scope, SqlExpression? where, SqlRow row, bool descending, DocumentKey? after)
    {
        (_store, _container, var partitionKey, var range) = scope;
        (_range, _descending, _after) = (range, descending, after);
        var ids = KeyRanges.Of(where, "id", row);
        _ids = ids.Ranges;
        IsExact = ids.IsExact;
        if (partitionKey is { } key)
        {
            _partitions = [(key.EffectiveKey(), key)];
        }
        else if (_container.Definition.PartitionKeyProperty is { } property && KeyRanges.Of(where, property, row).Points is { } points)
        {
            var keys = points.Select(PartitionKeyValue.Of).Select(k => (EffectiveKey: k.EffectiveKey(), Key: k));
            _partitions = [.. keys.Where(k => range.Contains(k.EffectiveKey)).OrderBy(k => k.EffectiveKey)];
        }

        // Within one partition, ids are the narrower index; across partitions, documents of one kind are.
        if (!descending && (_partitions is null || (ids.IsAll && _partitions.Count == 1))
            && KeyRanges.Of(where, StoredContainer.IndexedProperty, row).Points is { Count: <= MaxKinds } kinds)
        {
            _kinds = kinds;
            if (_partitions is [var only])
                _range = new(only.EffectiveKey, only.EffectiveKey.Next);
        }
    }

    /// <summary>Every document collected satisfies the condition.</summary>
    public bool IsExact { get; }

    public bool IsFinished { get; private set; }

    /// <summary>Adds up to <paramref name="max"/> documents; none does not mean that it is finished.</summary>
    public void Fill(List<StoredDocument> documents, int max)
    {
        lock (_store.Gate)
        {
            var hold = new Hold(documents, max, _store.Enter(_container));
            if (_kinds is not null)
                FillByKind(ref hold);
            else if (_partitions is not null)
                FillPartitions(ref hold, Listed());
            else
                FillPartitions(ref hold, OnRing());
            IsFinished = !hold.IsFull;
        }
    }

    private IEnumerable<Partition> Listed()
    {
        foreach (var (effectiveKey, key) in _partitions!)
        {
            if (_after is { } after && effectiveKey < after.EffectiveKey)
                continue;
            if (_container.FindPartition(key) is { } partition)
                yield return partition;
        }
    }

    private IEnumerable<Partition> OnRing()
    {
        var ring = _container.Ring;
        var position = ring.LowerBound(_after?.EffectiveKey ?? _range.From);
        while (ring.At(position) is { } partition && partition.EffectiveKey < _range.To)
        {
            yield return partition;
            position = ring.Next(position);
        }
    }

    private void FillPartitions(ref Hold hold, IEnumerable<Partition> partitions)
    {
        foreach (var partition in partitions)
        {
            if (hold.IsFull)
            {
                // No id is empty, so this stands in front of the partition's first document.
                if (_after is not { } seen || seen.EffectiveKey < partition.EffectiveKey)
                    _after = new(partition.EffectiveKey, "");
                return;
            }

            hold.Steps++;
            var afterId = _after is { } after && after.EffectiveKey == partition.EffectiveKey ? after.Id : null;
            var isWhole = _descending ? FillDescending(ref hold, partition, afterId) : FillAscending(ref hold, partition, afterId);
            if (!isWhole)
                return;
        }
    }

    /// <returns>Whether the partition was seen to its end.</returns>
    private bool FillAscending(ref Hold hold, Partition partition, string? afterId)
    {
        var index = partition.Documents;
        foreach (var range in _ids)
        {
            var isBehind = afterId is not null && string.CompareOrdinal(afterId, range.Low) >= 0;
            var (low, included) = isBehind ? (afterId!, false) : (range.Low, range.LowIncluded);
            var position = index.LowerBound(low);
            if (!included && index.At(position) is { } first && string.Equals(first.Id, low, StringComparison.Ordinal))
                position = index.Next(position);
            while (index.At(position) is { } document && IsBelow(document.Id, range))
            {
                if (hold.IsFull)
                    return false;
                Take(ref hold, document);
                position = index.Next(position);
            }
        }

        return true;
    }

    private bool FillDescending(ref Hold hold, Partition partition, string? afterId)
    {
        var index = partition.Documents;
        for (var i = _ids.Count - 1; i >= 0; i--)
        {
            var range = _ids[i];
            var isBehind = afterId is not null && (range.High is null || string.CompareOrdinal(afterId, range.High) <= 0);
            var (high, included) = isBehind ? (afterId, false) : (range.High, range.HighIncluded);
            var position = high is null ? index.Last() : index.LowerBound(high);
            if (high is not null && !(included && index.At(position) is { } first && string.Equals(first.Id, high, StringComparison.Ordinal)))
                position = index.Previous(position);
            while (index.At(position) is { } document && IsAbove(document.Id, range))
            {
                if (hold.IsFull)
                    return false;
                Take(ref hold, document);
                position = index.Previous(position);
            }
        }

        return true;
    }

    /// <summary>Merges the indexes of the kinds, each of which is in scan order.</summary>
    private void FillByKind(ref Hold hold)
    {
        var start = _after ?? new DocumentKey(_range.From, "");
        var cursors = new List<(SortedIndex<StoredDocument, DocumentKey, ByDocumentKey> Index, IndexPosition Position)>();
        foreach (var kind in _kinds!)
        {
            if (_container.FindKind(kind) is not { } index)
                continue;
            var position = index.LowerBound(start);
            if (index.At(position) is { } first && ByDocumentKey.Compare(first, start) == 0)
                position = index.Next(position);
            cursors.Add((index, position));
        }

        while (true)
        {
            StoredDocument? next = null;
            var from = -1;
            for (var i = 0; i < cursors.Count; i++)
            {
                if (cursors[i].Index.At(cursors[i].Position) is { } candidate
                    && (next is null || ByDocumentKey.Compare(candidate, new(next.Partition.EffectiveKey, next.Id)) < 0))
                    (next, from) = (candidate, i);
            }

            if (next is null || next.Partition.EffectiveKey >= _range.To || hold.IsFull)
                return;
            Take(ref hold, next);
            cursors[from] = cursors[from] with { Position = cursors[from].Index.Next(cursors[from].Position) };
        }
    }

    private void Take(ref Hold hold, StoredDocument document)
    {
        hold.Steps++;
        _after = new(document.Partition.EffectiveKey, document.Id);
        if (document.ExpiresAtSeconds > hold.NowSeconds)
            hold.Add(document);
    }

    private static bool IsBelow(string id, KeyRange range) =>
        range.High is null || string.CompareOrdinal(id, range.High) is var order && (order < 0 || (order == 0 && range.HighIncluded));

    private static bool IsAbove(string id, KeyRange range) =>
        string.CompareOrdinal(id, range.Low) is var order && (order > 0 || (order == 0 && range.LowIncluded));

    /// <summary>What one hold of the lock collects.</summary>
    private struct Hold(List<StoredDocument> documents, int max, long nowSeconds)
    {
        private int _count;

        public int Steps;

        public readonly long NowSeconds => nowSeconds;
        public readonly bool IsFull => _count >= max || Steps >= MaxStepsPerHold;

        public void Add(StoredDocument document)
        {
            documents.Add(document);
            _count++;
        }
    }
}

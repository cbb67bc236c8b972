namespace Pipeline.Local.Cosmos.Sql;

/// <summary>
/// Collects the documents that a query has to look at, a bounded number per hold of the store's lock, in the scan order
/// of the container. It goes on behind the last key it saw, so documents may come and go in between.
/// </summary>
internal sealed class DocumentScan
{
    /// <summary>Partitions, ranges of ids and documents looked at in one hold of the lock: a millisecond or two.</summary>
    private const int MaxStepsPerHold = 1000;
    private const int MaxKinds = 8;

    private readonly DocumentStore _store;
    private readonly StoredContainer _container;
    private readonly RingRange _range;
    private readonly List<Partition>? _partitions;
    private readonly List<KeyRange> _ids;
    private readonly bool _isEveryId;
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
        _isEveryId = ids.IsAll;
        IsExact = ids.IsExact;
        if (_ids.Count == 0)
        {
            _partitions = [];
        }
        else if (partitionKey is { } key)
        {
            _partitions = [new(_container, key)];
        }
        else if (_container.Definition.PartitionKeyProperty is { } property && KeyRanges.Of(where, property, row).Points is { } points)
        {
            var partitions = points.Select(point => new Partition(_container, PartitionKeyValue.Of(point)));
            _partitions = [.. partitions.Where(p => range.Contains(p.EffectiveKey)).OrderBy(p => p.EffectiveKey)];
        }

        // Within one partition, ids are the narrower index; across partitions, documents of one kind are.
        if (!descending && (_partitions is null || (_isEveryId && _partitions.Count == 1))
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
            var hold = new Hold(documents, Math.Min(max, MaxStepsPerHold), _store.Enter(_container));
            if (_kinds is not null)
                FillByKind(ref hold, _kinds);
            else if (_partitions is not null)
                FillPartitions(ref hold, Listed(_partitions));
            else if (_isEveryId)
                FillRing(ref hold);
            else
                FillPartitions(ref hold, OnRing());
            IsFinished = !hold.IsFull && !hold.HasMore;
        }
    }

    private IEnumerable<Partition> Listed(List<Partition> partitions)
    {
        foreach (var partition in partitions)
        {
            if (_after is not { } after || partition.EffectiveKey >= after.EffectiveKey)
                yield return partition;
        }
    }

    private IEnumerable<Partition> OnRing()
    {
        for (var from = _after?.EffectiveKey ?? _range.From;
             _container.Index.FindPartition(_container, from) is { } partition && partition.EffectiveKey < _range.To;
             from = partition.EffectiveKey.Next)
            yield return partition;
    }

    private void FillPartitions(ref Hold hold, IEnumerable<Partition> partitions)
    {
        foreach (var partition in partitions)
        {
            if (hold.IsFull || hold.Steps >= MaxStepsPerHold)
            {
                // No id is empty, so this stands in front of the partition's first document.
                if (_after is not { } seen || seen.EffectiveKey < partition.EffectiveKey)
                    _after = new(partition.EffectiveKey, "");
                hold.HasMore = true;
                return;
            }

            hold.Steps++;
            if (!FillPartition(ref hold, partition))
                return;
        }
    }

    /// <returns>False: there may be more of it.</returns>
    private bool FillPartition(ref Hold hold, Partition partition)
    {
        var afterId = _after is { } after && after.EffectiveKey == partition.EffectiveKey ? after.Id : null;
        for (var i = 0; i < _ids.Count; i++)
        {
            var range = _ids[_descending ? _ids.Count - 1 - i : i];
            var rest = afterId is null ? range : Behind(range, afterId);
            if (rest.IsEmpty)
                continue;
            Take(ref hold, _container.Index.Range(partition, rest, _descending, hold.Left));
            if (hold.IsFull)
                return false;
            if (++hold.Steps >= MaxStepsPerHold && i < _ids.Count - 1)
            {
                // Nothing is left of this range, and the next one does not have the end of it.
                _after = new(partition.EffectiveKey, _descending ? range.Low : range.High!);
                hold.HasMore = true;
                return false;
            }
        }

        return true;
    }

    /// <summary>What is left of a range behind an id that was seen.</summary>
    private KeyRange Behind(KeyRange range, string id)
    {
        if (_descending)
            return range.High is null || string.CompareOrdinal(id, range.High) <= 0 ? range with { High = id, HighIncluded = false } : range;
        return string.CompareOrdinal(id, range.Low) >= 0 ? range with { Low = id, LowIncluded = false } : range;
    }

    private void FillRing(ref Hold hold) => Take(ref hold, _container.Index.Scan(_container, _range, kind: null, _after, hold.Left));

    /// <summary>Merges the documents of the kinds, which come in scan order each.</summary>
    private void FillByKind(ref Hold hold, List<string> kinds)
    {
        var found = new List<StoredDocument>();
        foreach (var kind in kinds)
            found.AddRange(_container.Index.Scan(_container, _range, kind, _after, hold.Left));
        if (kinds.Count > 1)
        {
            found.Sort((left, right) => DocumentKey.Compare(KeyOf(left), KeyOf(right)));
            // Of a kind that has more, they are not all here.
            found.RemoveRange(Math.Min(hold.Left, found.Count), Math.Max(0, found.Count - hold.Left));
        }

        Take(ref hold, found);
    }

    private void Take(ref Hold hold, List<StoredDocument> documents)
    {
        if (documents is [.., var last])
            _after = KeyOf(last);
        hold.Add(documents);
    }

    private static DocumentKey KeyOf(StoredDocument document) => new(document.Partition.EffectiveKey, document.Id);

    /// <summary>What one hold of the lock collects.</summary>
    private struct Hold(List<StoredDocument> documents, int max, long nowSeconds)
    {
        public int Steps;
        public bool HasMore;

        /// <summary>How many documents may still be looked at.</summary>
        public int Left { get; private set; } = max;

        public readonly bool IsFull => Left <= 0;

        public void Add(List<StoredDocument> seen)
        {
            Left -= seen.Count;
            foreach (var document in seen)
            {
                if (document.ExpiresAtSeconds > nowSeconds)
                    documents.Add(document);
            }
        }
    }
}

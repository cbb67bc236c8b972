namespace Pipeline.Local.Cosmos;

/// <summary>How the items of a <see cref="SortedIndex{T,TKey,TOrder}"/> compare with a key.</summary>
internal interface ISortOrder<T, TKey>
{
    static abstract int Compare(T item, TKey key);
}

/// <summary>A place in a <see cref="SortedIndex{T,TKey,TOrder}"/>; valid until the index changes. The default is the first.</summary>
internal record struct IndexPosition(int Chunk, int Offset);

/// <summary>
/// Items sorted by a unique key, in chunks: compact for the usual partition of a handful of documents, and neither
/// search nor insertion is linear in one of 100,000. Guarded by the store's lock.
/// </summary>
internal sealed class SortedIndex<T, TKey, TOrder>
    where T : class
    where TOrder : ISortOrder<T, TKey>
{
    private const int ChunkCapacity = 256;

    private readonly List<Chunk> _chunks = new(1);

    public int Count { get; private set; }

    public T? Find(TKey key)
    {
        var position = LowerBound(key);
        return At(position) is { } item && TOrder.Compare(item, key) == 0 ? item : null;
    }

    /// <summary>Adds the item, or puts it in the place of the one with the same key, which is returned.</summary>
    public T? Put(T item, TKey key)
    {
        if (_chunks.Count == 0)
            _chunks.Add(new Chunk());

        var index = ChunkOf(key);
        var chunk = _chunks[index];
        var offset = chunk.LowerBound(key);
        if (offset < chunk.Count && TOrder.Compare(chunk.Items[offset], key) == 0)
        {
            var old = chunk.Items[offset];
            chunk.Items[offset] = item;
            return old;
        }

        if (chunk.Count == ChunkCapacity)
        {
            // Growing keys are the usual case: then a full chunk stays full and the next one starts.
            var append = index == _chunks.Count - 1 && offset == chunk.Count;
            var right = append ? new Chunk() : chunk.SplitOff();
            _chunks.Insert(index + 1, right);
            if (append || offset > chunk.Count)
            {
                offset -= chunk.Count;
                chunk = right;
            }
        }

        chunk.Insert(offset, item);
        Count++;
        return null;
    }

    public bool Remove(TKey key)
    {
        var position = LowerBound(key);
        if (At(position) is not { } item || TOrder.Compare(item, key) != 0)
            return false;

        var chunk = _chunks[position.Chunk];
        chunk.RemoveAt(position.Offset);
        if (chunk.Count == 0)
            _chunks.RemoveAt(position.Chunk);
        Count--;
        return true;
    }

    /// <summary>The first item at or behind the key.</summary>
    public IndexPosition LowerBound(TKey key)
    {
        if (_chunks.Count == 0)
            return default;
        var index = ChunkOf(key);
        var offset = _chunks[index].LowerBound(key);
        return offset < _chunks[index].Count ? new(index, offset) : new(index + 1, 0);
    }

    public IndexPosition Last() => _chunks.Count == 0 ? new(-1, 0) : new(_chunks.Count - 1, _chunks[^1].Count - 1);

    public IndexPosition Next(IndexPosition position) =>
        position.Offset + 1 < _chunks[position.Chunk].Count ? position with { Offset = position.Offset + 1 } : new(position.Chunk + 1, 0);

    public IndexPosition Previous(IndexPosition position)
    {
        if (position.Offset > 0)
            return position with { Offset = position.Offset - 1 };
        return position.Chunk > 0 ? new(position.Chunk - 1, _chunks[position.Chunk - 1].Count - 1) : new(-1, 0);
    }

    /// <summary>The item there; <see langword="null"/> in front of the first and behind the last.</summary>
    public T? At(IndexPosition position) =>
        (uint)position.Chunk < (uint)_chunks.Count ? _chunks[position.Chunk].Items[position.Offset] : null;

    /// <summary>The last chunk whose first item is at or in front of the key, or the first chunk.</summary>
    private int ChunkOf(TKey key)
    {
        int low = 1, high = _chunks.Count;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (TOrder.Compare(_chunks[middle].Items[0], key) <= 0)
                low = middle + 1;
            else
                high = middle;
        }

        return low - 1;
    }

    private sealed class Chunk
    {
        public T[] Items = new T[2];
        public int Count;

        public int LowerBound(TKey key)
        {
            int low = 0, high = Count;
            while (low < high)
            {
                var middle = (low + high) >>> 1;
                if (TOrder.Compare(Items[middle], key) < 0)
                    low = middle + 1;
                else
                    high = middle;
            }

            return low;
        }

        public void Insert(int offset, T item)
        {
            if (Count == Items.Length)
                Array.Resize(ref Items, Count * 2);
            Array.Copy(Items, offset, Items, offset + 1, Count - offset);
            Items[offset] = item;
            Count++;
        }

        public void RemoveAt(int offset)
        {
            Count--;
            Array.Copy(Items, offset + 1, Items, offset, Count - offset);
            Items[Count] = null!;
        }

        public Chunk SplitOff()
        {
            var half = Count / 2;
            var right = new Chunk { Items = new T[ChunkCapacity], Count = Count - half };
            Array.Copy(Items, half, right.Items, 0, right.Count);
            Array.Clear(Items, half, right.Count);
            Count = half;
            return right;
        }
    }
}

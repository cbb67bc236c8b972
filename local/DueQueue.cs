namespace Pipeline.Local;

/// <summary>Something that happens at a time unless it is removed before: a lock expires, a wait ends, a message is enqueued.</summary>
internal abstract class DueItem
{
    /// <summary>UTC ticks at which it is due.</summary>
    public long DueTicks { get; set; }

    /// <summary>Place in the <see cref="DueQueue{T}"/>, or -1.</summary>
    public int HeapIndex { get; set; } = -1;
}

/// <summary>
/// A binary heap of due items from which any item can be removed in O(log n): locks are renewed and released, and waits
/// end early, far more often than anything comes due.
/// </summary>
internal sealed class DueQueue<T>
    where T : DueItem
{
    private T[] _heap = new T[64];

    public int Count { get; private set; }

    /// <summary>The earliest item, or <see langword="null"/>.</summary>
    public T? First => Count == 0 ? null : _heap[0];

    /// <summary>Adds an item, or moves it if it is here already.</summary>
    public void Set(T item, long dueTicks)
    {
        item.DueTicks = dueTicks;
        if (item.HeapIndex < 0)
        {
            if (Count == _heap.Length)
                Array.Resize(ref _heap, Count * 2);
            item.HeapIndex = Count;
            _heap[Count++] = item;
        }

        Sift(item);
    }

    /// <summary>Removes an item if it is here.</summary>
    public void Remove(T item)
    {
        var index = item.HeapIndex;
        if (index < 0)
            return;
        item.HeapIndex = -1;
        var last = _heap[--Count];
        _heap[Count] = null!;
        if (ReferenceEquals(last, item))
            return;
        Place(last, index);
        Sift(last);
    }

    private void Sift(T item)
    {
        var index = item.HeapIndex;
        while (index > 0 && _heap[(index - 1) / 2] is var parent && item.DueTicks < parent.DueTicks)
        {
            Place(parent, index);
            index = (index - 1) / 2;
        }

        while (true)
        {
            var child = (2 * index) + 1;
            if (child >= Count)
                break;
            if (child + 1 < Count && _heap[child + 1].DueTicks < _heap[child].DueTicks)
                child++;
            if (_heap[child].DueTicks >= item.DueTicks)
                break;
            Place(_heap[child], index);
            index = child;
        }

        Place(item, index);
    }

    private void Place(T item, int index)
    {
        _heap[index] = item;
        item.HeapIndex = index;
    }
}

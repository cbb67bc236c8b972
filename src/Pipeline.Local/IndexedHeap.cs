namespace Pipeline.Local;

/// <summary>A binary heap whose items know their places, so that any of them can be removed in O(log n).</summary>
internal sealed class IndexedHeap<T, TOrder>
    where T : class
    where TOrder : IHeapOrder<T>
{
    private T[] _heap = [];

    public int Count { get; private set; }

    /// <summary>The first item, or <see langword="null"/>.</summary>
    public T? First => Count == 0 ? null : _heap[0];

    /// <summary>Adds an item that is not here.</summary>
    public void Add(T item)
    {
        if (Count == _heap.Length)
            Array.Resize(ref _heap, Math.Max(4, Count * 2));
        TOrder.SetPlace(item, Count++);
        Sift(item);
    }

    /// <summary>Removes the first item, which there is.</summary>
    public T Take()
    {
        var first = _heap[0];
        Remove(first);
        return first;
    }

    /// <summary>Removes an item that is here.</summary>
    public void Remove(T item)
    {
        var place = TOrder.PlaceOf(item);
        TOrder.SetPlace(item, -1);
        var last = _heap[--Count];
        _heap[Count] = null!;
        if (ReferenceEquals(last, item))
            return;
        TOrder.SetPlace(last, place);
        Sift(last);
    }

    /// <summary>Finds the place of an item again whose order has changed.</summary>
    public void Sift(T item)
    {
        var place = TOrder.PlaceOf(item);
        while (place > 0 && _heap[(place - 1) / 2] is var parent && TOrder.IsBefore(item, parent))
        {
            Put(parent, place);
            place = (place - 1) / 2;
        }

        while (true)
        {
            var child = (2 * place) + 1;
            if (child >= Count)
                break;
            if (child + 1 < Count && TOrder.IsBefore(_heap[child + 1], _heap[child]))
                child++;
            if (!TOrder.IsBefore(_heap[child], item))
                break;
            Put(_heap[child], place);
            place = child;
        }

        Put(item, place);
    }

    private void Put(T item, int place)
    {
        _heap[place] = item;
        TOrder.SetPlace(item, place);
    }
}

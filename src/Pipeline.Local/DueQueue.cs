namespace Pipeline.Local;

/// <summary>
/// Due items, the earliest first. Locks are renewed and released, and waits end early, far more often than anything comes
/// due, so any item can be removed or moved.
/// </summary>
internal sealed class DueQueue<T>
    where T : DueItem
{
    private readonly IndexedHeap<T, ByTime> _heap = new();

    public int Count => _heap.Count;

    /// <summary>The earliest item, or <see langword="null"/>.</summary>
    public T? First => _heap.First;

    /// <summary>Adds an item, or moves it if it is here already.</summary>
    public void Set(T item, long dueTicks)
    {
        item.DueTicks = dueTicks;
        if (item.HeapIndex < 0)
            _heap.Add(item);
        else
            _heap.Sift(item);
    }

    /// <summary>Removes an item if it is here.</summary>
    public void Remove(T item)
    {
        if (item.HeapIndex >= 0)
            _heap.Remove(item);
    }

    private readonly struct ByTime : IHeapOrder<T>
    {
        public static bool IsBefore(T left, T right) => left.DueTicks < right.DueTicks;

        public static int PlaceOf(T item) => item.HeapIndex;

        public static void SetPlace(T item, int place) => item.HeapIndex = place;
    }
}

namespace Pipeline.Local;

/// <summary>How the items of an <see cref="IndexedHeap{T,TOrder}"/> are ordered, and where each keeps its place.</summary>
internal interface IHeapOrder<T>
{
    static abstract bool IsBefore(T left, T right);

    static abstract int PlaceOf(T item);

    static abstract void SetPlace(T item, int place);
}

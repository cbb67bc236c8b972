namespace Pipeline.Local.Cosmos;

/// <summary>
/// Documents that expire, soonest first. Every document knows its slot, so a version that is replaced leaves at once and
/// is not kept in memory until its time comes. Guarded by the store's lock.
/// </summary>
internal sealed class ExpiryHeap
{
    private readonly List<StoredDocument> _heap = [];

    /// <summary>The document that expires next.</summary>
    public StoredDocument? Peek() => _heap.Count > 0 ? _heap[0] : null;

    public void Add(StoredDocument document)
    {
        _heap.Add(document);
        document.HeapSlot = _heap.Count - 1;
        Up(document.HeapSlot);
    }

    public void Remove(StoredDocument document)
    {
        var slot = document.HeapSlot;
        if (slot < 0)
            return;
        document.HeapSlot = -1;
        var last = _heap[^1];
        _heap.RemoveAt(_heap.Count - 1);
        if (ReferenceEquals(last, document))
            return;
        Place(last, slot);
        Up(slot);
        Down(last.HeapSlot);
    }

    private void Up(int slot)
    {
        var document = _heap[slot];
        while (slot > 0)
        {
            var parent = (slot - 1) / 2;
            if (_heap[parent].ExpiresAtSeconds <= document.ExpiresAtSeconds)
                break;
            Place(_heap[parent], slot);
            slot = parent;
        }

        Place(document, slot);
    }

    private void Down(int slot)
    {
        var document = _heap[slot];
        while (true)
        {
            var child = slot * 2 + 1;
            if (child >= _heap.Count)
                break;
            if (child + 1 < _heap.Count && _heap[child + 1].ExpiresAtSeconds < _heap[child].ExpiresAtSeconds)
                child++;
            if (_heap[child].ExpiresAtSeconds >= document.ExpiresAtSeconds)
                break;
            Place(_heap[child], slot);
            slot = child;
        }

        Place(document, slot);
    }

    private void Place(StoredDocument document, int slot)
    {
        _heap[slot] = document;
        document.HeapSlot = slot;
    }
}

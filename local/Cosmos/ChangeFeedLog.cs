namespace Pipeline.Local.Cosmos;

/// <summary>
/// The latest version of every document of a container, in the order of the transactions that wrote them. A new version
/// leaves a hole where the old one was; holes are closed when they outnumber the documents, so appending is O(1)
/// amortized and finding a place is a binary search. Guarded by the store's lock.
/// </summary>
internal sealed class ChangeFeedLog
{
    private StoredDocument?[] _documents = new StoredDocument?[16];
    private long[] _lsns = new long[16];
    private int _count;

    /// <summary>Live documents.</summary>
    public int Live { get; private set; }

    /// <summary>Slots in use, holes included.</summary>
    public int Slots => _count;

    public void Append(StoredDocument document)
    {
        if (_count == _documents.Length)
            MakeRoom();
        document.FeedSlot = _count;
        _documents[_count] = document;
        _lsns[_count++] = document.Lsn;
        Live++;
    }

    public void Remove(StoredDocument document)
    {
        _documents[document.FeedSlot] = null;
        document.FeedSlot = -1;
        Live--;
    }

    /// <summary>The document in the slot; <see langword="null"/> for a hole.</summary>
    public StoredDocument? At(int slot) => _documents[slot];

    public long LsnAt(int slot) => _lsns[slot];

    /// <summary>The first slot whose LSN is greater.</summary>
    public int FirstAfter(long lsn)
    {
        // Most readers are at the end: nothing new is the answer to nearly every poll.
        if (_count == 0 || _lsns[_count - 1] <= lsn)
            return _count;
        int low = 0, high = _count;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (_lsns[middle] <= lsn)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }

    public IEnumerable<StoredDocument> All()
    {
        for (var slot = 0; slot < _count; slot++)
        {
            if (_documents[slot] is { } document)
                yield return document;
        }
    }

    private void MakeRoom()
    {
        var capacity = Live > _count / 2 ? _count * 2 : _count;
        var documents = new StoredDocument?[capacity];
        var lsns = new long[capacity];
        var count = 0;
        for (var slot = 0; slot < _count; slot++)
        {
            if (_documents[slot] is not { } document)
                continue;
            document.FeedSlot = count;
            documents[count] = document;
            lsns[count++] = document.Lsn;
        }

        (_documents, _lsns, _count) = (documents, lsns, count);
    }
}

namespace Pipeline.Local;

/// <summary>Something that happens at a time unless it is removed before: a lock expires, a wait ends, a message is enqueued.</summary>
internal abstract class DueItem
{
    /// <summary>UTC ticks at which it is due.</summary>
    public long DueTicks { get; set; }

    /// <summary>Place in the <see cref="DueQueue{T}"/>, or -1.</summary>
    public int HeapIndex { get; set; } = -1;
}

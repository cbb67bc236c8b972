using Pipeline.Storage;

namespace Pipeline.Outbox;

/// <summary>The records of one partition that are to be published, in order.</summary>
internal sealed class PartitionBacklog(Partition partition)
{
    public Partition Partition { get; } = partition;

    public Queue<OutboxRecord> Records { get; } = new();

    /// <summary>Whether the records were read from the store, so that nothing lower can be open; the feed proves no such thing.</summary>
    public bool IsComplete { get; init; }

    /// <summary>Set when nothing more of this backlog may be published now.</summary>
    public bool Stopped { get; set; }

    /// <summary>The feed's record that cannot go out before the partition has been read.</summary>
    public OutboxRecord? NeedsRead { get; set; }
}

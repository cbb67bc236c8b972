namespace Pipeline.Storage;

/// <summary>
/// Records of a partition are missing, cannot be read or contradict each other. No outage: trying again does not help, an operator has
/// to restore them.
/// </summary>
public sealed class DamagedPartitionException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="container">The container.</param>
    /// <param name="partition">The partition.</param>
    /// <param name="what">What is damaged, as a clause: <c>'ev:…' is missing, though the head is at version 3</c>.</param>
    /// <param name="canBeRecorded">Whether the head and the dead letters can be read, so that a dead letter can be written and block the subject.</param>
    /// <param name="innerException">How it was found.</param>
    public DamagedPartitionException(string container, Partition partition, string what, bool canBeRecorded, Exception? innerException = null)
        : base($"The partition '{partition}' of '{container}' is damaged: {what}. Trying again does not help; restore its records from a backup.", innerException)
    {
        Container = container;
        Partition = partition;
        What = what;
        CanBeRecorded = canBeRecorded;
    }

    /// <summary>The container.</summary>
    public string Container { get; }

    /// <summary>The partition.</summary>
    public Partition Partition { get; }

    /// <summary>What is damaged.</summary>
    public string What { get; }

    /// <summary>Whether a dead letter can say so in the partition itself.</summary>
    public bool CanBeRecorded { get; }
}

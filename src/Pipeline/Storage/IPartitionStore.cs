namespace Pipeline.Storage;

/// <summary>
/// The partitions of one container, as a step that handles a message reads and writes them. Two implementations: Cosmos DB, and the
/// dry run's overlay, which keeps all writes in memory.
/// </summary>
internal interface IPartitionStore
{
    /// <summary>Name of the container, which is also the name of the service that it belongs to.</summary>
    string Name { get; }

    /// <summary>
    /// Reads the head of a partition, and then the records that the caller wants with it. The head comes first: a commit between the two
    /// reads moves it, so that a decision made on records of different moments fails on the head's <c>If-Match</c>. A partition without a
    /// head has no other records.
    /// </summary>
    /// <exception cref="DamagedPartitionException">The head cannot be read, or is missing although other records are there.</exception>
    /// <exception cref="StoreUnavailableException">The store did not answer.</exception>
    Task<PartitionRead> ReadAsync(Partition partition, Func<PartitionHead, IEnumerable<string>> more, CancellationToken cancellationToken);

    /// <summary>Reads records by id, side by side.</summary>
    /// <exception cref="StoreUnavailableException">The store did not answer.</exception>
    Task<PartitionRead> ReadItemsAsync(Partition partition, IEnumerable<string> ids, CancellationToken cancellationToken);

    /// <summary>Writes a unit of work, all of it or nothing.</summary>
    /// <exception cref="CommitTooLargeException">It is more than one transactional batch takes.</exception>
    /// <exception cref="DamagedPartitionException">A record that it creates exists, although the head does not know of it.</exception>
    /// <exception cref="StoreUnavailableException">No clear answer within the retries: it may or may not have been written.</exception>
    Task<CommitOutcome> CommitAsync(UnitOfWork work, CancellationToken cancellationToken);

    /// <summary>The open, ordered dead letter of a consumer with the lowest position but for one; <see langword="null"/> if there is none.</summary>
    /// <exception cref="StoreUnavailableException">The store did not answer.</exception>
    Task<BlockingPosition?> FirstOpenDeadLetterAsync(Partition partition, ConsumerName consumer, DeadLetterId except, CancellationToken cancellationToken);

    /// <summary>Best-effort increment of a diagnostic counter of a record.</summary>
    Task IncrementAsync(Partition partition, string id, string path, CancellationToken cancellationToken);

    /// <summary>Best-effort note of a problem that keeps a consumer from handling messages of a partition. Never throws.</summary>
    Task NoteAsync(HandlingProblem problem, CancellationToken cancellationToken);
}

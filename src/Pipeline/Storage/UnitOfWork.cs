using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Pipeline.Decisions;

namespace Pipeline.Storage;

/// <summary>
/// Collects everything that one step writes to one partition: state, domain events, inbox and outbox records, dead letters. It is written
/// once, as one transactional batch that also replaces the partition head with <c>If-Match</c>, so that the steps of a partition are serial.
/// </summary>
internal sealed class UnitOfWork
{
    /// <summary>Most operations in one batch (Cosmos DB's limit).</summary>
    public const int MaxOperations = 100;

    /// <summary>Most bytes in one batch: Cosmos DB's limit of 2 MB less some room for the envelope.</summary>
    public const int MaxBytes = (2 * 1024 * 1024) - (64 * 1024);

    private readonly List<RecordOperation> _operations = new(6);
    private readonly PartitionHead? _head;
    private int _guards;
    private int _bytes;
    private bool _isSealed;

    /// <summary>Starts a step that was decided on a partition as its head was read.</summary>
    public UnitOfWork(PartitionHead head)
        : this(head.Partition) => _head = head;

    /// <summary>Starts a step on records that are not guarded by a head.</summary>
    public UnitOfWork(Partition partition) => Partition = partition;

    public Partition Partition { get; }

    /// <summary>The head that is written with it.</summary>
    /// <exception cref="InvalidOperationException">The step has no head.</exception>
    public PartitionHead Head => _head ?? throw new InvalidOperationException("This unit of work has no partition head.");

    /// <summary>The number that the partition's commit gets.</summary>
    public long CommitNumber => Head.Commits + 1;

    public IReadOnlyList<RecordOperation> Operations => _operations;

    /// <summary>The messages to send, in order, each with the context that it is decided in. <c>EffectWriter</c> makes an outbox record of them.</summary>
    public List<(object Message, HandlerContext Cause)> Outgoing { get; } = [];

    /// <summary>The operation that kept it from being written; <see langword="null"/> if there was none.</summary>
    public RecordOperation? Conflict { get; set; }

    /// <summary>Creates a record that recognises a repetition. It precedes all others, so that its conflict is the one that is reported.</summary>
    public void CreateGuard<T>(string id, T record, JsonTypeInfo<T> json, CommitOutcome onConflict) =>
        Add(new RecordOperation(RecordOperationKind.Create, id, JsonSerializer.SerializeToUtf8Bytes(record, json), null, onConflict), _guards++);

    public void Create(string id, byte[] record, CommitOutcome onConflict = CommitOutcome.Moved) =>
        Add(new RecordOperation(RecordOperationKind.Create, id, record, null, onConflict), _operations.Count);

    /// <summary>Replaces a record; <paramref name="etag"/> <see langword="null"/> creates it, so that two first writers conflict.</summary>
    public void Replace<T>(string id, string? etag, T record, JsonTypeInfo<T> json)
    {
        var kind = etag is null ? RecordOperationKind.Create : RecordOperationKind.Replace;
        Add(new RecordOperation(kind, id, JsonSerializer.SerializeToUtf8Bytes(record, json), etag, CommitOutcome.Moved), _operations.Count);
    }

    /// <summary>Deletes a record if it still has that etag.</summary>
    public void Delete(string id, string etag) =>
        Add(new RecordOperation(RecordOperationKind.Delete, id, [], etag, CommitOutcome.Moved), _operations.Count);

    /// <summary>Writes a record that changes only together with the head, whose <c>If-Match</c> guards it: deliberately no etag of its own.</summary>
    public void Upsert(string id, byte[] record) =>
        Add(new RecordOperation(RecordOperationKind.Upsert, id, record, null, CommitOutcome.Moved), _operations.Count);

    /// <summary>Adds the head and closes the unit of work. Called by the store, once.</summary>
    /// <exception cref="InvalidOperationException">It was written before.</exception>
    /// <exception cref="CommitTooLargeException">It has too many operations or bytes.</exception>
    public void Seal()
    {
        ThrowIfSealed();
        if (_head is { } head)
        {
            var etag = head.ETag;
            head.ETag = null;
            head.Commits++;
            Replace(head.Id, etag, head, StorageJson.Default.PartitionHead);
        }

        _isSealed = true;
        if (_operations.Count > MaxOperations)
            throw TooLarge(_operations.Count, "records", MaxOperations);
        if (_bytes > MaxBytes)
            throw TooLarge(_bytes, "bytes", MaxBytes);
    }

    private static CommitTooLargeException TooLarge(int count, string what, int limit) =>
        new(string.Create(CultureInfo.InvariantCulture, $"The step writes {count} {what}; one transactional batch takes {limit}."));

    private void ThrowIfSealed()
    {
        if (_isSealed)
            throw new InvalidOperationException("A unit of work is written once; build another one to write again.");
    }

    private void Add(RecordOperation operation, int index)
    {
        ThrowIfSealed();
        _operations.Insert(index, operation);
        _bytes += operation.Body.Length;
    }
}

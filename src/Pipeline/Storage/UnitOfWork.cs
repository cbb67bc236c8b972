using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Pipeline.Storage;

/// <summary>
/// Collects what one handling writes to one partition and writes it once, as one transactional batch. The operation
/// that tells a repetition (inbox record or ledger entry) comes first, so that its conflict is the one reported.
/// </summary>
internal sealed class UnitOfWork
{
    /// <summary>Most operations in one batch (Cosmos DB's limit).</summary>
    public const int MaxOperations = 100;

    /// <summary>Most bytes in one batch; Cosmos DB's limit is 2 MB, some of it is kept for the envelope.</summary>
    public const int MaxBytes = (2 * 1024 * 1024) - (64 * 1024);

    private readonly List<Operation> _operations = new(6);
    private int _bytes;
    private bool _sent;

    public UnitOfWork(string partition) => Partition = partition;

    public string Partition { get; }

    public IReadOnlyList<Operation> Operations => _operations;

    /// <summary>The operation that kept it from being written; <see langword="null"/> if none did.</summary>
    public Operation? Conflict { get; set; }

    /// <summary>Adds the creation that tells a repetition, in front of all others.</summary>
    public void CreateFirst<T>(string id, T record, JsonTypeInfo<T> json, CommitOutcome onConflict) =>
        Add(new Operation(OperationKind.Create, id, JsonSerializer.SerializeToUtf8Bytes(record, json), null, onConflict), 0);

    public void Create(string id, byte[] record, CommitOutcome onConflict) =>
        Add(new Operation(OperationKind.Create, id, record, null, onConflict));

    /// <summary>Replaces a record; <paramref name="etag"/> <see langword="null"/> creates it, so that two first writers conflict.</summary>
    public void Replace<T>(string id, string? etag, T record, JsonTypeInfo<T> json) =>
        Add(new Operation(
            etag is null ? OperationKind.Create : OperationKind.Replace, id, JsonSerializer.SerializeToUtf8Bytes(record, json), etag, CommitOutcome.Moved));

    /// <summary>Deletes a record if it still has that etag.</summary>
    public void Delete(string id, string etag) => Add(new Operation(OperationKind.Delete, id, [], etag, CommitOutcome.Moved));

    /// <summary>Writes a record that only ever changes together with the head, whose <c>If-Match</c> guards it: deliberately no etag of its own.</summary>
    public void Upsert(string id, byte[] record) => Add(new Operation(OperationKind.Upsert, id, record, null, CommitOutcome.Moved));

    /// <summary>Marks the commit as sent.</summary>
    /// <exception cref="InvalidOperationException">It was sent before.</exception>
    /// <exception cref="CommitTooLargeException">It has too many operations or bytes.</exception>
    public void Seal()
    {
        if (_sent)
            throw new InvalidOperationException("A commit is written once; build another one to write again.");
        if (_operations.Count > MaxOperations)
            throw new CommitTooLargeException($"The handling writes {_operations.Count} records; one transactional batch takes {MaxOperations}.");
        if (_bytes > MaxBytes)
            throw new CommitTooLargeException(string.Create(CultureInfo.InvariantCulture,
                $"The handling writes {_bytes} bytes; one transactional batch takes {MaxBytes}."));
        _sent = true;
    }

    private void Add(Operation operation, int? index = null)
    {
        if (_sent)
            throw new InvalidOperationException("The commit was already written.");
        _operations.Insert(index ?? _operations.Count, operation);
        _bytes += operation.Body.Length;
    }

    internal enum OperationKind
    {
        Create,
        Replace,
        Upsert,
        Delete,
    }

    /// <param name="Kind">What to do.</param>
    /// <param name="Id">The record's id.</param>
    /// <param name="Body">The record, UTF-8 JSON; empty for a deletion.</param>
    /// <param name="ETag">The etag that must match, for a replacement or deletion.</param>
    /// <param name="OnConflict">What a 409 or 412 on this operation means.</param>
    internal readonly record struct Operation(OperationKind Kind, string Id, byte[] Body, string? ETag, CommitOutcome OnConflict);
}

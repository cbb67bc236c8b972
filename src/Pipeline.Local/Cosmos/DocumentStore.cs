using Microsoft.Extensions.Logging;

namespace Pipeline.Local.Cosmos;

/// <summary>
/// Databases, containers and documents behind one lock. A write is validated, appended to the journal and applied to
/// memory in one hold of the lock, so nobody ever reads what the journal does not have, and the journal's order is the
/// order of LSNs. Readers take the lock for as long as it takes to collect documents; these are immutable.
/// </summary>
internal sealed partial class DocumentStore : IDisposable
{
    private const double CompactionFactor = 2.5;

    private readonly Lock _gate = new();
    private readonly StoreState _state;
    private readonly StoreJournal _journal;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;
    private long _compactAboveBytes;

    public DocumentStore(string? journalPath, TimeProvider clock, ILogger log, long bodyCacheBytes = BodyCache.DefaultBytes)
    {
        _clock = clock;
        _log = log;
        // The journal keeps other processes out, so the index's file is made when the journal is open.
        var state = new Lazy<StoreState>(() => new StoreState(new DocumentIndex(
            journalPath is null ? null : Path.ChangeExtension(journalPath, ".index"),
            new BodyCache(_gate, journalPath is null ? null : bodyCacheBytes))));
        Local.Journal.Journal? file = null;
        try
        {
            file = Local.Journal.Journal.Open(journalPath, (record, offset) => Replay(journalPath, record, offset, state.Value), log);
            _state = state.Value;
            _state.Index.Complete();
            _journal = new StoreJournal(file, _state.Index.Bodies, isDurable: journalPath is not null);
            RepairItems();
        }
        catch (Exception e)
        {
            if (state.IsValueCreated)
                state.Value.Index.Dispose();
            file?.Dispose();
            if (e is CosmosFailure)
                throw new IOException($"{journalPath}: {e.Message}", e);
            throw;
        }
    }

    /// <summary>Every document.</summary>
    public DocumentIndex Index => _state.Index;

    /// <summary>Guards everything reachable from the store, except the content of documents.</summary>
    public Lock Gate => _gate;

    /// <summary>How many physical partitions a container gets at least.</summary>
    public int PhysicalPartitions { get; init; } = 1;

    /// <summary>A shorter journal is not compacted.</summary>
    public long CompactionMinimumBytes { get; init; } = 64 * 1024 * 1024;

    public long JournalBytes => _journal.LengthBytes;

    /// <summary>For tests, a disk that is full: see <see cref="Journal.Journal.FailNextAppendAfterBytes"/>.</summary>
    public void FailNextAppend() => _journal.FailNextAppend();

    public DateTimeOffset Now => _clock.GetUtcNow();

    public long NowSeconds => Now.ToUnixTimeSeconds();

    /// <summary>Runs the operations as one transaction: all of them, or none.</summary>
    /// <returns>The container's LSN afterwards.</returns>
    /// <exception cref="CosmosFailure">
    /// 503 when the journal cannot be written; nothing was changed. Also when the index cannot be: then the next start finds it done.
    /// </exception>
    public long Execute(
        StoredContainer container, PartitionKeyValue partitionKey, ReadOnlySpan<ItemOperation> operations, Span<ItemResult> results)
    {
        lock (_gate)
        {
            var nowSeconds = Enter(container);
            var timestampSeconds = Math.Max(nowSeconds, _state.LastTimestampSeconds);
            var transaction = new ItemTransaction(container, partitionKey, nowSeconds, timestampSeconds);
            long responseBytes = 0;
            for (var i = 0; i < operations.Length; i++)
            {
                results[i] = transaction.Try(operations[i]);
                if (results[i].IsSuccess && (responseBytes += results[i].Body.Length) <= Batches.MaxResponseBytes)
                    continue;
                var (failure, isTooLarge) = (results[i], results[i].IsSuccess);
                results[..operations.Length].Fill(ItemResult.FailedDependency);
                if (isTooLarge)
                    results[i..operations.Length].Fill(ItemResult.ResponseTooLarge);
                else
                    results[i] = failure;
                return container.Lsn;
            }

            if (transaction.HasChanges)
            {
                Persist(() => transaction.Journal(_journal));
                _state.LastTimestampSeconds = timestampSeconds;
                transaction.Apply();
                CompactIfWorthwhile();
            }

            return container.Lsn;
        }
    }

    /// <summary>Call first in every hold of the lock: the container exists, and what has expired is leaving it.</summary>
    /// <returns>Unix time now, which tells the documents that have expired and are still there.</returns>
    public long Enter(StoredContainer container)
    {
        CheckExists(container);
        var nowSeconds = NowSeconds;
        container.Purge(nowSeconds);
        Index.Tidy();
        return nowSeconds;
    }

    public void Dispose()
    {
        lock (_gate)
        {
            // In this order: when the journal is closed, the files are another process's.
            _state.Index.Dispose();
            _journal.Dispose();
        }
    }

    public static CosmosFailure MissingOwner(string message) => new(404, message, SubStatus.OwnerResourceNotFound);

    private static void Replay(string? path, ReadOnlyMemory<byte> record, long offset, StoreState state)
    {
        try
        {
            JournalReplay.Apply(record, offset, state);
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException or CosmosFailure { Status: not 503 })
        {
            throw new InvalidDataException(
                string.Create(CultureInfo.InvariantCulture,
                    $"{path}: the record at offset {offset - Local.Journal.Journal.HeaderBytes} cannot be read: {e.Message} ") +
                "Start the version that wrote it, or delete the data directory to start empty.", e);
        }
    }

    private static void Persist(Action append)
    {
        try
        {
            append();
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            throw new CosmosFailure(503, "The journal could not be written, nothing was changed.", cause: e);
        }
    }

    private void CompactIfWorthwhile()
    {
        if (_journal.LengthBytes <= Math.Max(CompactionMinimumBytes, _compactAboveBytes))
            return;

        var before = _journal.LengthBytes;
        if (before > CompactionFactor * _state.LiveBytes)
        {
            try
            {
                _journal.Rewrite(_state);
                _log.LogInformation("Cosmos journal compacted from {Before} to {After} bytes.", before, _journal.LengthBytes);
            }
            catch (Exception e) when (e is IOException or CosmosFailure)
            {
                _log.LogWarning(e, "The Cosmos journal could not be compacted; it goes on growing and is tried again later.");
            }
        }

        _compactAboveBytes = _journal.LengthBytes + CompactionMinimumBytes / 4;
    }
}

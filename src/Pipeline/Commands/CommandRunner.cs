using System.Diagnostics;
using Pipeline.Consumers;
using Pipeline.Messages;
using Pipeline.Outbox;
using Pipeline.Storage;
using Pipeline.Payloads;
using Pipeline.State;

namespace Pipeline.Commands;

/// <summary>Carries out commands on the aggregates of one service: the same read, decide and commit as a consumer's.</summary>
public sealed class CommandRunner<TState>
    where TState : class
{
    private const int MaxRounds = 20;

    private readonly PartitionStore _store;
    private readonly StateModel<TState> _state;
    private readonly MessageCatalog _catalog;
    private readonly ConsumerOptions _options;
    private readonly TimeProvider _clock;
    private readonly ClaimCheck _claimCheck;

    /// <summary>Creates the runner.</summary>
    public CommandRunner(
        PartitionStore store, StateModel<TState> state, MessageCatalog catalog, ConsumerOptions options, TimeProvider clock, ClaimCheck claimCheck)
    {
        _claimCheck = claimCheck;
        _store = store;
        _state = state;
        _catalog = catalog;
        _options = options;
        _clock = clock;
    }

    /// <summary>Reads the aggregate. The position is 0 where nothing was ever written.</summary>
    public async Task<(TState? State, long Position)> ReadAsync(string partition, CancellationToken cancellationToken)
    {
        using var read = await _store.ReadAsync(partition, _state.RecordsOf, cancellationToken);
        return read.Head.ETag is null ? (null, 0) : (_state.Restore(read), read.Head.Commits);
    }

    /// <summary>Reads the aggregate, and the number of the last message that it sent; 0 where there was none.</summary>
    public async Task<(TState? State, long LastNumber)> ReadWithNumberAsync(string partition, CancellationToken cancellationToken)
    {
        using var read = await _store.ReadAsync(partition, _state.RecordsOf, cancellationToken);
        return read.Head.ETag is null ? (null, 0) : (_state.Restore(read), read.Head.Number);
    }

    /// <summary>Carries out a command, once per key.</summary>
    /// <exception cref="ArgumentException">The partition key cannot be used, or a message breaks its contract.</exception>
    /// <exception cref="CommitTooLargeException">It writes more than one transaction, or one payload, takes.</exception>
    /// <exception cref="StoreUnavailableException">Cosmos DB or the payload store is out of reach. Trying again with the same key is safe.</exception>
    /// <exception cref="DamagedPartitionException">Records of the aggregate are missing or cannot be read.</exception>
    public async Task<CommandResult<TState>> RunAsync(
        HttpCommand command, Func<TState?, HandlerContext, Decision<TState>> decide, CancellationToken cancellationToken)
    {
        if (Ids.PartitionError(command.Partition) is { } why)
            throw new ArgumentException($"The partition '{command.Partition}' {why}.", nameof(command));
        try
        {
            for (var round = 1; round <= MaxRounds; round++)
            {
                if (await RunOnceAsync(command, decide, cancellationToken) is { } result)
                    return result;
            }
        }
        catch (DamagedPartitionException damage)
        {
            await _store.NoteDamageAsync(damage, "http", _clock.GetUtcNow(), cancellationToken);
            throw;
        }

        throw new StoreUnavailableException($"Partition '{command.Partition}' of '{_store.Name}' is written by too many at once.");
    }

    private async Task<CommandResult<TState>?> RunOnceAsync(
        HttpCommand command, Func<TState?, HandlerContext, Decision<TState>> decide, CancellationToken cancellationToken)
    {
        var key = Ids.CommandKey(command.IdempotencyKey);
        var inboxId = Ids.Inbox(key);
        using var read = await _store.ReadAsync(command.Partition, head => _state.RecordsOf(head).Append(inboxId), cancellationToken);
        var head = read.Head;
        var before = head.ETag is null ? null : _state.Restore(read);
        if (read.Find(inboxId, RecordJson.Default.InboxRecord) is { } earlier)
        {
            var outcome = earlier.RequestHash == command.RequestHash ? CommandOutcome.Repeated : CommandOutcome.KeyReused;
            return new CommandResult<TState>(outcome, before, head.Commits, earlier.CorrelationId);
        }

        var context = new HandlerContext
        {
            MessageId = key,
            CorrelationId = command.CorrelationId ?? command.Partition,
            Partition = command.Partition,
            Now = _clock.GetUtcNow(),
            TraceParent = Activity.Current?.Id,
        };
        var decision = decide(before, context);
        if (decision.Refusal is { } refusal)
            return new CommandResult<TState>(CommandOutcome.Refused, before, head.Commits, context.CorrelationId, refusal);

        var commit = new UnitOfWork(command.Partition);
        var after = _state.Write(commit, head, before, decision, context);
        var caused = await OutboxWriter.AddAsync(
            commit, head, _store.Name, _catalog, [.. decision.Messages.Select(m => (m, context))], _claimCheck, cancellationToken);
        var record = new InboxRecord
        {
            Id = inboxId,
            Partition = command.Partition,
            TtlSeconds = _options.MemorySeconds(null, context.Now),
            Consumer = "http",
            EventId = key,
            Type = command.Type,
            Source = "http",
            CorrelationId = context.CorrelationId,
            CommittedAt = context.Now,
            HandledAt = context.Now,
            Commit = head.Commits + 1,
            DeliveryCount = 1,
            Caused = [.. caused.Select(c => c.Id)],
            CausedTypes = [.. caused.Select(c => c.Type)],
            RequestHash = command.RequestHash,
        };
        commit.CreateFirst(inboxId, record, RecordJson.Default.InboxRecord, CommitOutcome.AlreadyHandled);
        DeadLetters.DeadLetterStore.AddHead(commit, head);

        // 409 and 412 both mean: read again. An ambiguous attempt that was written shows as its own inbox record then.
        return await _store.WriteAsync(commit, cancellationToken) == CommitOutcome.Committed
            ? new CommandResult<TState>(CommandOutcome.Accepted, after, head.Commits, context.CorrelationId)
            : null;
    }
}

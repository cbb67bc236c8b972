using System.Diagnostics;
using Pipeline.Consumers;
using Pipeline.Decisions;
using Pipeline.Effects;
using Pipeline.Inbox;
using Pipeline.Messages;
using Pipeline.State;
using Pipeline.Storage;

namespace Pipeline.Commands;

/// <summary>Carries out commands on the aggregates of one service: the same read, decide and commit as a consumer's.</summary>
public sealed class CommandRunner<TState>
    where TState : class
{
    private const int MaxRounds = 20;

    private readonly CosmosPartitionStore _store;
    private readonly StoredState<TState> _state;
    private readonly ConsumerOptions _options;
    private readonly TimeProvider _clock;
    private readonly EffectWriter _effects;

    /// <summary>Creates the runner.</summary>
    /// <param name="store">The container of the service.</param>
    /// <param name="state">How the aggregates are stored.</param>
    /// <param name="services">What commands share with consumers.</param>
    public CommandRunner(CosmosPartitionStore store, StateModel<TState> state, ConsumerServices services)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(services);
        _store = store;
        _state = StoredState<TState>.Of(state);
        _options = services.Options;
        _clock = services.Clock;
        _effects = new EffectWriter(store.Name, services.Catalog, services.ClaimCheck);
    }

    /// <summary>Reads the aggregate. The position is 0 if nothing was ever written.</summary>
    public async Task<(TState? State, long Position)> ReadAsync(string partition, CancellationToken cancellationToken)
    {
        using var read = await _store.ReadAsync(new Partition(partition), _state.RecordsOf, cancellationToken);
        return read.Head.ETag is null ? (null, 0) : (_state.Restore(read), read.Head.Commits);
    }

    /// <summary>Reads the aggregate, and the number of the last message that it sent; 0 if there was none.</summary>
    public async Task<(TState? State, long LastNumber)> ReadWithNumberAsync(string partition, CancellationToken cancellationToken)
    {
        using var read = await _store.ReadAsync(new Partition(partition), _state.RecordsOf, cancellationToken);
        return read.Head.ETag is null ? (null, 0) : (_state.Restore(read), read.Head.Number);
    }

    /// <summary>Carries out a command, once per key.</summary>
    /// <exception cref="ArgumentException">The partition key cannot be used.</exception>
    /// <exception cref="InvalidMessageException">The decision sends a message that cannot be sent.</exception>
    /// <exception cref="CommitTooLargeException">It writes more than one transaction, or one payload, takes.</exception>
    /// <exception cref="StoreUnavailableException">Cosmos DB or the payload store is unavailable. Trying again with the same key is safe.</exception>
    /// <exception cref="DamagedPartitionException">Records of the aggregate are missing or cannot be read.</exception>
    public async Task<CommandResult<TState>> RunAsync(
        HttpCommand command, Func<TState?, HandlerContext, Decision<TState>> decide, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(command);
        ArgumentNullException.ThrowIfNull(decide);
        if (Ids.PartitionError(command.Partition) is { } error)
            throw new ArgumentException($"The partition '{command.Partition}' {error}.", nameof(command));
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
            await _store.NoteAsync(HandlingProblem.Damage(damage, ConsumerName.Http, _clock.GetUtcNow()), cancellationToken);
            throw;
        }

        throw new StoreUnavailableException($"Partition '{command.Partition}' of '{_store.Name}' is written by too many at once.");
    }

    private async Task<CommandResult<TState>?> RunOnceAsync(
        HttpCommand command, Func<TState?, HandlerContext, Decision<TState>> decide, CancellationToken cancellationToken)
    {
        var key = Ids.CommandKey(command.IdempotencyKey);
        var inboxId = Ids.Inbox(key);
        using var read = await _store.ReadAsync(new Partition(command.Partition), head => _state.RecordsOf(head).Append(inboxId), cancellationToken);
        var before = read.Head.ETag is null ? null : _state.Restore(read);
        if (read.Find(inboxId, InboxJson.Default.InboxRecord) is { } earlier)
        {
            var outcome = earlier.RequestHash == command.RequestHash ? CommandOutcome.Repeated : CommandOutcome.KeyReused;
            return new CommandResult<TState>(outcome, before, read.Head.Commits, earlier.CorrelationId);
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
            return new CommandResult<TState>(CommandOutcome.Refused, before, read.Head.Commits, context.CorrelationId, refusal);

        var work = new UnitOfWork(read.Head);
        var after = _state.Write(work, before, decision, context);
        work.Outgoing.AddRange(decision.Messages.Select(m => (m, context)));
        await _effects.AddAsync(work, [(InboxRecordOf(command, inboxId, context, work), context)], cancellationToken);

        // 409 and 412 both mean: read again. An attempt that was written although its answer was lost shows as its own inbox record then.
        return await _store.CommitAsync(work, cancellationToken) == CommitOutcome.Committed
            ? new CommandResult<TState>(CommandOutcome.Accepted, after, work.Head.Commits, context.CorrelationId)
            : null;
    }

    private InboxRecord InboxRecordOf(HttpCommand command, string inboxId, HandlerContext context, UnitOfWork work) => new()
    {
        Id = inboxId,
        Partition = work.Partition,
        TtlSeconds = _options.MemorySeconds(null, context.Now),
        Consumer = ConsumerName.Http,
        EventId = new CloudEventId(context.MessageId),
        Type = command.Type,
        Source = ConsumerName.Http.Value,
        CorrelationId = context.CorrelationId,
        CommittedAt = context.Now,
        HandledAt = context.Now,
        Commit = work.CommitNumber,
        DeliveryCount = 1,
        RequestHash = command.RequestHash,
    };
}

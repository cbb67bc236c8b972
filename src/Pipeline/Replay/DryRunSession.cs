using System.Text.Json.Nodes;
using Pipeline.Client;
using Pipeline.Consumers;
using Pipeline.DeadLetters;
using Pipeline.Failures;
using Pipeline.JsonPatches;
using Pipeline.Storage;

namespace Pipeline.Replay;

/// <summary>One dry run: what was decided so far is the state that the next step finds.</summary>
internal sealed class DryRunSession
{
    /// <summary>Names the replay that is tried; no real one has this name.</summary>
    private const string ReplayId = "dry-run";

    private readonly OverlayPartitionStore _store;
    private readonly GatewayLog _log = new();
    private readonly ShownData _shown = new();
    private readonly Consumer _consumer;
    private readonly HandlerInvoker _handlers;
    private readonly Partition _partition;
    private readonly ConsumerServices _services;
    private readonly DryRunGateways _gateways;
    private bool _isAssumed;

    /// <param name="stored">The container of the consumer.</param>
    /// <param name="consumer">The consumer.</param>
    /// <param name="partition">The subject.</param>
    /// <param name="services">What the consumer needs, but for gateways.</param>
    /// <param name="newGateways">Makes the gateways, which record their calls.</param>
    public DryRunSession(
        CosmosPartitionStore stored, Consumer consumer, Partition partition, ConsumerServices services, Func<GatewayLog, DryRunGateways> newGateways)
    {
        (_consumer, _partition) = (consumer, partition);
        _handlers = HandlerInvoker.Of(consumer);
        _store = new OverlayPartitionStore(stored);
        _gateways = newGateways(_log);
        _services = services with { Gateways = _gateways, Breakers = null };
    }

    /// <summary>The dead letter that the replay would send next; <see langword="null"/> when none is left.</summary>
    public async Task<DeadLetterId?> NextAsync(CancellationToken cancellationToken)
    {
        if (_consumer.IsUnordered)
            return null;
        using var read = await _store.ReadAsync(_partition, _ => [], cancellationToken);
        return read.Head.PositionOf(_handlers.Name).Blocked;
    }

    /// <summary>How many dead letters of the subject would be left open.</summary>
    public async Task<int> OpenAsync(CancellationToken cancellationToken)
    {
        if (_consumer.IsUnordered)
            return 0;
        using var read = await _store.ReadAsync(_partition, _ => [], cancellationToken);
        return read.Head.PositionOf(_handlers.Name).Open;
    }

    /// <summary>Handles one dead letter as its replay would.</summary>
    public async Task<DryRunStep> StepAsync(DeadLetterId deadLetterId, CancellationToken cancellationToken)
    {
        var deadLetter = await ReadAsync(deadLetterId, cancellationToken)
            ?? throw new StoreUnavailableException($"The dead letter '{deadLetterId}' cannot be read yet.");
        var before = _store.Copy();
        var commitsBefore = _store.Commits.Count;
        _log.Take();

        var observer = new DryRunObserver();
        var runner = new ConsumerRunner(_consumer, _store, _services, observer);
        var settlement = await runner.HandleAsync(ReceivedOf(deadLetter), cancellationToken);

        cancellationToken.ThrowIfCancellationRequested();
        ThrowIfGivenBack(settlement, observer);
        var commits = _store.Commits.Skip(commitsBefore).ToList();
        var after = await ReadAsync(deadLetterId, cancellationToken);
        var step = new DryRunStep
        {
            Entry = deadLetterId.Value,
            EventId = deadLetter.EventId?.Value,
            Type = deadLetter.Type,
            Sequence = deadLetter.Sequence,
            Edit = deadLetter.Edits is { Count: > 0 } edits ? edits[^1].Id : null,
            Outcome = DryRunOutcomes.Handled,
            State = await ChangesAsync(before, commits, cancellationToken),
            Events = [.. RecordsOf(commits, RecordKinds.Event).Select(e => _shown.Of(e["data"])!)],
            Messages = [.. RecordsOf(commits, RecordKinds.Outbox).SelectMany(o => o["messages"]!.AsArray()).Select(m => MessageOf(m!))],
            Calls = [.. _log.Take().Select(c => c with { Arguments = _shown.Of(c.Arguments), Answer = _shown.Of(c.Answer) })],
        };

        // What was assumed once is what all later steps stand on.
        _isAssumed |= step.Calls.Any(c => c.Source == AnswerSources.Assumed);
        var judged = Judge(step, settlement, after, observer);
        return _isAssumed && judged.Outcome == DryRunOutcomes.Handled ? judged with { Outcome = DryRunOutcomes.Assumed } : judged;
    }

    /// <summary>A message that would be given back was not tried: the dry run cannot tell what would happen.</summary>
    private static void ThrowIfGivenBack(Settlement settlement, DryRunObserver observer)
    {
        if (settlement.Kind != SettlementKind.GiveBack)
            return;
        if (observer.Problem is DamagedPartitionException damage)
            throw new DamagedPartitionException(damage.Container, damage.Partition, damage.What, damage.CanBeRecorded, damage);
        throw new StoreUnavailableException(observer.Problem?.Message ?? "The subject changes too fast to try its replay now.", observer.Problem);
    }

    /// <summary>What became of the dead letter decides, whatever was settled.</summary>
    private DryRunStep Judge(DryRunStep step, Settlement settlement, DeadLetter? after, DryRunObserver observer)
    {
        if (_gateways.Missing is { } gateway)
            return step with { Outcome = DryRunOutcomes.Unknown, Description = $"It needs the gateway {gateway}, which has no dry-run gateway." };

        // A message of several partitions may fail in one of them, which is a dead letter of its own then.
        if (observer.Created.Where(c => c.DeadLetter.Id.Value != step.Entry).Select(c => c.Failure).FirstOrDefault() is { } created)
            return Failed(step, created);
        if (after is { Open: false })
            return after.Result == DeadLetterResults.AlreadyHandled ? step with { Outcome = DryRunOutcomes.AlreadyHandled } : step;
        return Failed(
            step,
            observer.ReplayFailure
            ?? (settlement.Reason is { } reason ? new Failure(reason, settlement.Description ?? "It was not handled.")
                : observer.Problem is { } problem ? Failure.Of(DeadLetterReasons.HandlerFailed, problem)
                : new Failure(DeadLetterReasons.HandlerFailed, "It was not handled.")));
    }

    private static DryRunStep Failed(DryRunStep step, Failure failure) => step with
    {
        Outcome = DryRunOutcomes.Failed,
        Reason = failure.Reason,
        Description = failure.Description.Length <= ShownData.MaxValue ? failure.Description : failure.Description[..ShownData.MaxValue],
        Exception = failure.Exception,
    };

    private async Task<DeadLetter?> ReadAsync(DeadLetterId deadLetterId, CancellationToken cancellationToken)
    {
        using var read = await _store.ReadItemsAsync(_partition, [deadLetterId.Value], cancellationToken);
        return read.Find(deadLetterId, DeadLetterJson.Default.DeadLetter);
    }

    /// <summary>What the broker would deliver of the message that a replay sends.</summary>
    private static ReceivedMessage ReceivedOf(DeadLetter deadLetter)
    {
        var message = ReplayMessages.Of(deadLetter, new SubjectReplayRecord
        {
            Id = Ids.Replay(ReplayId),
            Partition = deadLetter.Partition,
            ReplayId = ReplayId,
            Consumer = deadLetter.Consumer,
            Status = ReplayStatus.Applying,
            CreatedAt = deadLetter.CreatedAt,
        });
        return new ReceivedMessage
        {
            Body = message.Body,
            SessionId = message.SessionId,
            MessageId = message.MessageId,
            DeliveryCount = 1,
            Properties = message.Properties!,
        };
    }

    private async Task<IReadOnlyList<StateChange>> ChangesAsync(IPartitionStore before, IReadOnlyList<UnitOfWork> commits, CancellationToken cancellationToken)
    {
        var changes = new List<StateChange>();
        foreach (var partition in commits.Select(c => c.Partition).Distinct())
        {
            var differences = JsonDifferences.Between(await StateAsync(before, partition, cancellationToken), await StateAsync(_store, partition, cancellationToken)).ToList();
            if (differences.Count == 0)
                continue;
            var first = differences.Take(DryRun.MaxChanges).Select(d => d with { Old = _shown.Of(d.Old), New = _shown.Of(d.New) }).ToList();
            changes.Add(new StateChange(partition.Value, first, differences.Count - first.Count));
        }

        return changes;
    }

    private async Task<JsonNode?> StateAsync(IPartitionStore store, Partition partition, CancellationToken cancellationToken)
    {
        try
        {
            using var read = await store.ReadAsync(partition, _handlers.StateRecordsOf, cancellationToken);
            return _handlers.ShowState(read);
        }
        catch (DamagedPartitionException)
        {
            // There is no state to show; the step says why.
            return null;
        }
    }

    private static IEnumerable<JsonObject> RecordsOf(IReadOnlyList<UnitOfWork> commits, string kind) => commits
        .SelectMany(c => c.Operations)
        .Where(o => o.Body.Length > 0)
        .Select(o => JsonNode.Parse(o.Body)!.AsObject())
        .Where(record => (string?)record["kind"] == kind);

    private DryRunMessage MessageOf(JsonNode message)
    {
        var cloudEvent = message["event"]!;
        return new DryRunMessage(
            (string)cloudEvent["id"]!,
            (string)cloudEvent["type"]!,
            (string)message["to"]!,
            (string)cloudEvent["partitionkey"]!,
            (string?)cloudEvent["sequence"],
            _shown.Of(cloudEvent["data"]),
            (string?)cloudEvent["dataref"]);
    }
}

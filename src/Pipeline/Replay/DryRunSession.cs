using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Pipeline.Consumers;
using Pipeline.JsonPatches;
using Pipeline.DeadLetters;
using Pipeline.Messages;
using Pipeline.Storage;

namespace Pipeline.Replay;

/// <summary>One dry run under way: what was decided so far is the state that the next step finds.</summary>
internal sealed class DryRunSession
{
    /// <summary>Names the replay that is tried; no real one is named so.</summary>
    private const string ReplayId = "dry-run";

    private readonly DryRunOverlay _overlay = new();
    private readonly GatewayLog _log = new();
    private readonly Notes _notes = new();
    private readonly ShownData _shown = new();
    private readonly PartitionStore _stored;
    private readonly PartitionStore _store;
    private readonly Consumer _consumer;
    private readonly string _partition;
    private readonly ConsumerRunner _runner;
    private readonly DryRunGateways _standIns;
    private bool _isAssumed;

    public DryRunSession(PartitionStore stored, Consumer consumer, string partition, MakeRunner newRunner)
    {
        (_stored, _consumer, _partition) = (stored, consumer, partition);
        _store = stored.Over(_overlay);
        _runner = newRunner(consumer, _store, _log, _notes, out _standIns);
    }

    /// <summary>Makes the runner that handles the steps.</summary>
    public delegate ConsumerRunner MakeRunner(Consumer consumer, PartitionStore overlaid, GatewayLog log, ILogger<ConsumerRunner> notes, out DryRunGateways standIns);

    /// <summary>The entry that the replay would send next; <see langword="null"/> when none is left.</summary>
    public async Task<string?> NextAsync(CancellationToken cancellationToken)
    {
        if (_consumer.IsUnordered)
            return null;
        using var read = await _store.ReadAsync(_partition, _ => [], cancellationToken);
        return read.Head.Of(_consumer.Name).Blocked;
    }

    /// <summary>How many entries of the line would be left open.</summary>
    public async Task<int> OpenAsync(CancellationToken cancellationToken)
    {
        if (_consumer.IsUnordered)
            return 0;
        using var read = await _store.ReadAsync(_partition, _ => [], cancellationToken);
        return read.Head.Of(_consumer.Name).Open;
    }

    /// <summary>Handles one entry as its replay would.</summary>
    public async Task<DryRunStep> StepAsync(string entryId, CancellationToken cancellationToken)
    {
        var entry = await ReadAsync(entryId, cancellationToken)
            ?? throw new StoreUnavailableException($"The entry '{entryId}' cannot be read yet.");
        var before = _stored.Over(_overlay.Copy());
        var commitsBefore = _overlay.Commits.Count;
        _notes.Problem = null;
        _log.Take();

        var settlement = await _runner.HandleAsync(DeliveryOf(entry), cancellationToken);

        cancellationToken.ThrowIfCancellationRequested();
        if (settlement.Kind == SettlementKind.GiveBack && _notes.Problem is DamagedPartitionException damage)
            throw new DamagedPartitionException(damage.Container, damage.Partition, damage.What, damage.CanBeRecorded, damage);
        if (settlement.Kind == SettlementKind.GiveBack)
            throw new StoreUnavailableException(_notes.Problem?.Message ?? "The subject changes too fast to try its replay now.", _notes.Problem);
        var commits = _overlay.Commits.Skip(commitsBefore).ToList();
        var after = await ReadAsync(entryId, cancellationToken);
        var step = new DryRunStep
        {
            Entry = entryId,
            EventId = entry.EventId,
            Type = entry.Type,
            Sequence = entry.Sequence,
            Edit = entry.Edits is { Count: > 0 } edits ? edits[^1].Id : null,
            Outcome = DryRunOutcomes.Handled,
            State = await ChangesAsync(before, commits, cancellationToken),
            Events = [.. RecordsOf(commits, RecordKinds.Event).Select(e => _shown.Of(e["data"])!)],
            Messages = [.. RecordsOf(commits, RecordKinds.Outbox).SelectMany(o => o["messages"]!.AsArray()).Select(m => MessageOf(m!))],
            Calls = [.. _log.Take().Select(c => c with { Arguments = _shown.Of(c.Arguments), Answer = _shown.Of(c.Answer) })],
        };

        // What was assumed once is what all later steps stand on.
        _isAssumed |= step.Calls.Any(c => c.Source == AnswerSources.Assumed);
        var judged = Judge(step, settlement, after, commits);
        return _isAssumed && judged.Outcome == DryRunOutcomes.Handled ? judged with { Outcome = DryRunOutcomes.Assumed } : judged;
    }

    /// <summary>What became of the entry says how it went, whatever was settled.</summary>
    private DryRunStep Judge(DryRunStep step, Settlement settlement, DeadLetter? after, IReadOnlyList<UnitOfWork> commits)
    {
        if (_standIns.Missing is { } gateway)
            return step with { Outcome = DryRunOutcomes.Unknown, Description = $"It needs the gateway {gateway}, which has no stand-in." };

        // A message of several partitions may fail in one of them, which is an entry of its own then.
        if (RecordsOf(commits, RecordKinds.DeadLetter).FirstOrDefault(e => (string?)e["id"] != step.Entry && (bool?)e["open"] == true) is { } made)
            return Failed(step, (string)made["reason"]!, (string)made["description"]!);
        if (after is { Open: false })
            return after.Result == DeadLetterResults.AlreadyHandled ? step with { Outcome = DryRunOutcomes.AlreadyHandled } : step;
        if (after?.History.LastOrDefault()?.What is { } what && what.StartsWith(DeadLetterStore.FailedAgain, StringComparison.Ordinal))
        {
            // Too late is said in the history only; what it failed of is the entry's own now.
            var text = what[DeadLetterStore.FailedAgain.Length..];
            var colon = text.IndexOf(": ", StringComparison.Ordinal);
            return colon < 0 || text[..colon] == after.Reason ? Failed(step, after.Reason, after.Description) : Failed(step, text[..colon], text[(colon + 2)..]);
        }

        return Failed(step, settlement.Reason ?? DeadLetterReasons.HandlerFailed, settlement.Description ?? Describe(_notes.Problem) ?? after?.History.LastOrDefault()?.What ?? "It was not handled.");
    }

    private static DryRunStep Failed(DryRunStep step, string reason, string description) => step with
    {
        Outcome = DryRunOutcomes.Failed,
        Reason = reason,
        Description = description.Length <= ShownData.MaxValue ? description : description[..ShownData.MaxValue],
        Exception = Fingerprint.ExceptionOf(description),
    };

    private static string? Describe(Exception? problem) => problem is null ? null : $"{problem.GetType().Name}: {problem.Message}\n{problem.StackTrace}";

    private async Task<DeadLetter?> ReadAsync(string entryId, CancellationToken cancellationToken)
    {
        using var read = await _store.ReadItemsAsync(_partition, [entryId], cancellationToken);
        return read.Find(entryId, RecordJson.Default.DeadLetter);
    }

    /// <summary>What the broker would deliver of the message that a replay sends.</summary>
    private static ReceivedMessage DeliveryOf(DeadLetter entry)
    {
        var message = SubjectReplayer.MessageOf(entry, new SubjectReplayRecord
        {
            Id = Ids.Replay(ReplayId),
            Partition = entry.Partition,
            ReplayId = ReplayId,
            Consumer = entry.Consumer,
            Status = ReplayStatus.Applying,
            CreatedAt = entry.CreatedAt,
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

    private async Task<IReadOnlyList<StateChange>> ChangesAsync(PartitionStore before, IReadOnlyList<UnitOfWork> commits, CancellationToken cancellationToken)
    {
        var changes = new List<StateChange>();
        foreach (var partition in commits.Select(c => c.Partition).Distinct(StringComparer.Ordinal))
        {
            var differences = JsonDifference.Between(await StateAsync(before, partition, cancellationToken), await StateAsync(_store, partition, cancellationToken)).ToList();
            if (differences.Count == 0)
                continue;
            var first = differences.Take(DryRun.MaxChanges).Select(d => d with { Old = _shown.Of(d.Old), New = _shown.Of(d.New) }).ToList();
            changes.Add(new StateChange(partition, first, differences.Count - first.Count));
        }

        return changes;
    }

    private async Task<JsonNode?> StateAsync(PartitionStore store, string partition, CancellationToken cancellationToken)
    {
        try
        {
            using var read = await store.ReadAsync(partition, _consumer.StateRecordsOf, cancellationToken);
            return _consumer.ShowState(read);
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

    /// <summary>Keeps what the runner would have logged last: a dry run logs nothing of its own.</summary>
    private sealed class Notes : ILogger<ConsumerRunner>
    {
        public Exception? Problem { get; set; }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Problem = exception ?? Problem;
    }
}

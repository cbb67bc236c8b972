using System.Text.Json;
using Microsoft.Extensions.Logging;
using Pipeline.Client;
using Pipeline.Consumers;
using Pipeline.DeadLetters;
using Pipeline.Failures;
using Pipeline.Messages;
using Pipeline.Outbox;
using Pipeline.Storage;

namespace Pipeline.Replay;

/// <summary>
/// Sends the dead letters of one subject back through the broker to the one consumer that failed, in order and one at a time. It only ever sends the
/// dead letter that blocks the subject; the handling of that message closes it and makes the next one block the subject, which wakes the replay by the
/// change feed. What it does next is said by <see cref="SubjectReplayTable"/>.
/// </summary>
public sealed class SubjectReplayer
{
    /// <summary>Delayed retries make many records, and the dead letter's history says the same.</summary>
    private const int FinishedRetryTtlSeconds = 24 * 60 * 60;

    private readonly IMessageSender _sender;
    private readonly ReplayCoordinator _coordinator;
    private readonly Dictionary<ConsumerName, Consumer> _consumers;
    private readonly RelayOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;

    /// <summary>Creates the replayer.</summary>
    public SubjectReplayer(
        IMessageSender sender, ReplayCoordinator coordinator, IEnumerable<Consumer> consumers, RelayOptions options, TimeProvider clock, ILogger<SubjectReplayer> log)
    {
        _sender = sender;
        _coordinator = coordinator;
        _consumers = consumers.ToDictionary(c => new ConsumerName(c.Name));
        _options = options;
        _clock = clock;
        _log = log;
    }

    /// <summary>Takes note that subjects of replays are done, and starts the next ones.</summary>
    internal Task OnDoneAsync(IReadOnlyCollection<SubjectReplayRecord> done, CancellationToken cancellationToken) =>
        done.Count == 0 ? Task.CompletedTask : _coordinator.OnDoneAsync(done, cancellationToken);

    /// <summary>Takes a replay one step further, if it can continue. Safe to call at any time and from anywhere.</summary>
    internal async Task AdvanceAsync(CosmosPartitionStore store, Partition partition, string replayId, CancellationToken cancellationToken)
    {
        using var read = await store.ReadAsync(partition, _ => [Ids.Replay(replayId)], cancellationToken);
        if (read.Find(Ids.Replay(replayId), DeadLetterJson.Default.SubjectReplayRecord) is not { Status: ReplayStatus.Applying } replay)
            return;
        if (!_consumers.TryGetValue(replay.Consumer, out var consumer))
        {
            await GiveUpAsync(store, replay, $"The consumer '{replay.Consumer}' does not exist any more.", cancellationToken);
            return;
        }

        var situation = await ReadSituationAsync(store, read.Head, replay, consumer, cancellationToken);
        var next = SubjectReplayTable.Next(situation);
        switch (next.Step)
        {
            case SubjectReplayStep.Send or SubjectReplayStep.SendAgain:
                await SendAsync(store, replay, consumer, situation.First!, next.Step == SubjectReplayStep.SendAgain, cancellationToken);
                break;
            case SubjectReplayStep.Complete:
                await FinishAsync(store, replay, ReplayStatus.Completed, next.Detail, cancellationToken);
                break;
            case SubjectReplayStep.Stop:
                await FinishAsync(store, replay, ReplayStatus.Stopped, next.Detail, cancellationToken);
                break;
            case SubjectReplayStep.StopRetry when await LetWaitAsync(store, situation, cancellationToken):
                await FinishAsync(store, replay, ReplayStatus.Stopped, next.Detail, cancellationToken);
                break;
        }
    }

    /// <summary>The replays of a container that are being applied, except those whose message is scheduled: there may be many, and nothing is to be done.</summary>
    internal static async Task<IReadOnlyCollection<(Partition Partition, string ReplayId)>> DueAsync(
        CosmosPartitionStore store, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var found = new List<(Partition, string)>();
        await foreach (var page in store.PagesAsync(StoreQueries.DueSubjectReplays(now), null, null, null, cancellationToken))
        {
            using (page.Document)
            {
                foreach (var item in page.Items)
                {
                    if (item.TryGetProperty("replayId"u8, out var id) && id.ValueKind == JsonValueKind.String)
                        found.Add((Partition.Of(item), id.GetString()!));
                }
            }
        }

        return found;
    }

    private async Task<SubjectReplaySituation> ReadSituationAsync(
        CosmosPartitionStore store, PartitionHead head, SubjectReplayRecord replay, Consumer consumer, CancellationToken cancellationToken)
    {
        var firstId = consumer.IsUnordered ? replay.Only : head.PositionOf(replay.Consumer).Blocked;
        var lastId = replay.SentEntry ?? replay.DelayedRetryOf;
        using var read = await store.ReadItemsAsync(replay.Partition, new[] { firstId, replay.Only, lastId }.OfType<DeadLetterId>().Select(id => id.Value), cancellationToken);
        var last = Find(lastId);
        var first = Find(firstId);
        var done = replay.SentEntry is not null && replay.SentEntry != firstId ? last : consumer.IsUnordered ? first : null;
        if (done is { Open: false, Result: DeadLetterResults.AlreadyHandled })
            replay.AlreadyHandled++;
        var other = replay.DelayedRetryOf is not null && last?.Replay is { } id && id != replay.ReplayId ? await FindReplayAsync(store, replay.Partition, id, cancellationToken) : null;
        return new SubjectReplaySituation
        {
            Replay = replay,
            IsUnordered = consumer.IsUnordered,
            FirstId = firstId,
            First = first,
            Only = Find(replay.Only),
            Last = last,
            Waiting = Find(replay.DelayedRetryOf),
            Other = other,
            IsOverdue = _clock.GetUtcNow() - replay.SentAt >= _options.ReplayResendAge,
        };

        DeadLetter? Find(DeadLetterId? id) => id is not { } one ? null : read.Find(one, DeadLetterJson.Default.DeadLetter);
    }

    private static async Task<SubjectReplayRecord?> FindReplayAsync(CosmosPartitionStore store, Partition partition, string replayId, CancellationToken cancellationToken)
    {
        using var read = await store.ReadItemsAsync(partition, [Ids.Replay(replayId)], cancellationToken);
        return read.Find(Ids.Replay(replayId), DeadLetterJson.Default.SubjectReplayRecord);
    }

    private async Task SendAsync(
        CosmosPartitionStore store, SubjectReplayRecord replay, Consumer consumer, DeadLetter deadLetter, bool isAgain, CancellationToken cancellationToken)
    {
        // The replay's id on the dead letter wakes the replay when that is closed or fails again.
        if (deadLetter.Replay != replay.ReplayId)
        {
            deadLetter.Replay = replay.ReplayId;
            if (!await ReplaceAsync(store, deadLetter, cancellationToken))
                return;
        }

        // Sent before it is noted: a crash in between sends it again, with the same message id.
        var dueAt = DueAt(replay, isAgain);
        try
        {
            await _sender.SendAsync(consumer.Destination, [ReplayMessages.Of(deadLetter, replay) with { NotBefore = dueAt }], cancellationToken);
        }
        catch (MessageRefusedException e)
        {
            await GiveUpAsync(store, replay, e.Message, cancellationToken);
            return;
        }

        replay.SentEntry = deadLetter.Id;
        replay.SentAttempt = deadLetter.Attempt;
        replay.SentAt = dueAt ?? _clock.GetUtcNow();
        replay.Sent += isAgain ? 0 : 1;
        await WriteAsync(store, replay, cancellationToken);
    }

    /// <summary>When the next message may be delivered; <see langword="null"/> for at once. A message that was lost has waited long enough.</summary>
    private DateTimeOffset? DueAt(SubjectReplayRecord replay, bool isAgain)
    {
        var due = replay.SentAt is { } sentAt ? sentAt.AddMilliseconds(replay.IntervalMilliseconds) : replay.NotBefore;
        return isAgain || due <= _clock.GetUtcNow() ? null : due;
    }

    /// <summary>A dead letter with a lower position has turned up: the one that waits for this retry waits behind it from now on. False if it changed meanwhile.</summary>
    private async Task<bool> LetWaitAsync(CosmosPartitionStore store, SubjectReplaySituation situation, CancellationToken cancellationToken)
    {
        if (situation.Waiting is not { RetryAt: not null } waiting || waiting.Replay != situation.Replay.ReplayId)
            return true;
        waiting.RetryAt = null;
        waiting.Reason = DeadLetterReasons.BlockedByPredecessor;
        waiting.Note(_clock.GetUtcNow(), $"waits behind '{situation.FirstId}' now");
        return await ReplaceAsync(store, waiting, cancellationToken);
    }

    /// <summary>Its message can never be sent. A dead letter that waits for it must not look as if it were going to be retried.</summary>
    private async Task GiveUpAsync(CosmosPartitionStore store, SubjectReplayRecord replay, string why, CancellationToken cancellationToken)
    {
        if (replay.DelayedRetryOf is { } id)
        {
            using var read = await store.ReadItemsAsync(replay.Partition, [id.Value], cancellationToken);
            if (read.Find(id, DeadLetterJson.Default.DeadLetter) is { Open: true, RetryAt: not null } waiting && waiting.Replay == replay.ReplayId)
            {
                waiting.RetryAt = null;
                waiting.Reason = DeadLetterReasons.AttemptsExhausted;
                waiting.Note(_clock.GetUtcNow(), $"not retried any more: {why}");
                if (!await ReplaceAsync(store, waiting, cancellationToken))
                    return;
            }
        }

        await FinishAsync(store, replay, ReplayStatus.Stopped, why, cancellationToken);
    }

    private async Task FinishAsync(CosmosPartitionStore store, SubjectReplayRecord replay, string status, string? detail, CancellationToken cancellationToken)
    {
        replay.Status = status;
        replay.Detail = detail;
        replay.TtlSeconds = replay.DelayedRetryOf is null ? SubjectReplayRecord.FinishedTtlSeconds : FinishedRetryTtlSeconds;
        await WriteAsync(store, replay, cancellationToken);

        // Of a delayed retry, which nobody started, the consumer has logged how it ended.
        _log.Log(
            replay.DelayedRetryOf is null ? LogLevel.Information : LogLevel.Debug,
            "Replay {Replay} of {Partition} at {Consumer} {Status}, messages sent: {Sent}.{Detail}",
            replay.ReplayId, replay.Partition.Value, replay.Consumer.Value, status, replay.Sent, detail is null ? "" : " " + detail);
    }

    private static async Task<bool> ReplaceAsync(CosmosPartitionStore store, DeadLetter deadLetter, CancellationToken cancellationToken)
    {
        var etag = deadLetter.ETag!;
        deadLetter.ETag = null;
        var bytes = JsonSerializer.SerializeToUtf8Bytes(deadLetter, DeadLetterJson.Default.DeadLetter);
        return await store.ReplaceAsync(deadLetter.Partition, deadLetter.Id.Value, etag, bytes, cancellationToken) == ReplaceOutcome.Replaced;
    }

    private static async Task WriteAsync(CosmosPartitionStore store, SubjectReplayRecord replay, CancellationToken cancellationToken)
    {
        // A 412 means that another instance took the step; its note is as good as ours.
        var etag = replay.ETag!;
        replay.ETag = null;
        var bytes = JsonSerializer.SerializeToUtf8Bytes(replay, DeadLetterJson.Default.SubjectReplayRecord);
        await store.ReplaceAsync(replay.Partition, replay.Id, etag, bytes, cancellationToken);
    }
}

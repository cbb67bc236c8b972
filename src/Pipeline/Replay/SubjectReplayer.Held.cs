using System.Text.Json;
using Pipeline.DeadLetters;
using Pipeline.Messages;
using Pipeline.Storage;

namespace Pipeline.Replay;

/// <content>Delayed retries: replays that nobody asked for.</content>
public sealed partial class SubjectReplayer
{
    /// <summary>Delayed retries make many, and the entry's history tells of them.</summary>
    private const int FinishedRetryTtlSeconds = 24 * 60 * 60;

    /// <summary>Whether the broker holds the message that a replay sent last, so that there is nothing to do for it now.</summary>
    internal static bool IsScheduled(JsonElement record, DateTimeOffset now) =>
        record.TryGetProperty("sentAt"u8, out var sentAt) && sentAt.ValueKind == JsonValueKind.String && sentAt.TryGetDateTimeOffset(out var at) && at > now;

    /// <summary>
    /// A delayed retry goes on with what waits behind its entry, and with nothing else: dead letters are an operator's, and
    /// another held entry has a replay of its own. An operator's replay that has the entry in hand goes first, and if it was of
    /// that one alone, what waits behind it is still to come; one that was stopped, or failed, has left the subject to operators.
    /// </summary>
    private async Task<bool> GoesOnByItselfAsync(
        PartitionStore store, SubjectReplayRecord replay, PartitionRead entries, DeadLetter next, CancellationToken cancellationToken)
    {
        var last = entries.Find(replay.SentEntry ?? replay.Held!, RecordJson.Default.DeadLetter);
        if (last?.Replay is { } id && id != replay.ReplayId)
        {
            using var read = await store.ReadItemsAsync(replay.Partition, [Ids.Replay(id)], cancellationToken);
            var other = read.Find(Ids.Replay(id), RecordJson.Default.SubjectReplayRecord);
            if (other is { Held: null, Status: ReplayStatus.Applying })
                return false; // The sweep comes back to it.
            if (other is not { Held: null, Status: ReplayStatus.Completed })
                return await StopAsync($"Another replay has '{last.Id}' in hand.");
        }

        return next.RetryAt is not null ? next.Id == replay.Held || await StopAsync($"'{next.Id}' is retried by itself.")
            : next.Reason == DeadLetterReasons.BlockedByPredecessor || await StopAsync($"'{next.Id}' is a dead letter, which waits for an operator.");

        async Task<bool> StopAsync(string why)
        {
            if (entries.Find(replay.Held!, RecordJson.Default.DeadLetter) is not { RetryAt: not null } held || held.Replay != replay.ReplayId
                || await LetWaitAsync(store, held, next.Id, cancellationToken))
                await FinishAsync(store, replay, ReplayStatus.Stopped, why, cancellationToken);
            return false;
        }
    }

    /// <summary>Something that comes before a held entry has turned up: now that entry waits behind it like any other.</summary>
    private Task<bool> LetWaitAsync(PartitionStore store, DeadLetter held, string blocked, CancellationToken cancellationToken)
    {
        held.RetryAt = null;
        held.Reason = DeadLetterReasons.BlockedByPredecessor;
        held.Note(_clock.GetUtcNow(), $"waits behind '{blocked}' now");
        return ReplaceAsync(store, held, cancellationToken);
    }

    /// <summary>Its message can never be sent. The entry that was held for it must not look as if it were going to be retried.</summary>
    private async Task GiveUpAsync(PartitionStore store, SubjectReplayRecord replay, string why, CancellationToken cancellationToken)
    {
        if (replay.Held is { } id)
        {
            using var read = await store.ReadItemsAsync(replay.Partition, [id], cancellationToken);
            if (read.Find(id, RecordJson.Default.DeadLetter) is { Open: true, RetryAt: not null } held && held.Replay == replay.ReplayId)
            {
                held.RetryAt = null;
                held.Reason = DeadLetterReasons.AttemptsExhausted;
                held.Note(_clock.GetUtcNow(), $"not retried any more: {why}");
                if (!await ReplaceAsync(store, held, cancellationToken))
                    return;
            }
        }

        await FinishAsync(store, replay, ReplayStatus.Stopped, why, cancellationToken);
    }
}

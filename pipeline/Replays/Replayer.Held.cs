using System.Text.Json;
using Pipeline.Ledger;
using Pipeline.Partitions;

namespace Pipeline.Replays;

/// <content>Delayed retries: replays that nobody asked for, made together with the entry that they retry.</content>
public sealed partial class Replayer
{
    /// <summary>Whether the broker holds the message that a replay sent last, so that there is nothing to do for it now.</summary>
    internal static bool IsScheduled(JsonElement record, DateTimeOffset now) =>
        record.TryGetProperty("sentAt"u8, out var sentAt) && sentAt.ValueKind == JsonValueKind.String && sentAt.TryGetDateTimeOffset(out var at) && at > now;

    /// <summary>Ends a delayed retry that must not go on; false for every other replay.</summary>
    private async Task<bool> EndsByItselfAsync(
        PartitionStore store, ReplayRecord replay, PartitionRead entries, LedgerEntry next, CancellationToken cancellationToken)
    {
        if (replay.Held is null)
            return false;
        var last = entries.Find(replay.SentEntry ?? replay.Held, RecordJson.Default.LedgerEntry);
        if (WhyNotByItself(replay, last, next) is not { } why)
            return false;
        if (entries.Find(replay.Held, RecordJson.Default.LedgerEntry) is not { RetryAt: not null } held || held.Replay != replay.ReplayId
            || await LetWaitAsync(store, held, next.Id, cancellationToken))
            await FinishAsync(store, replay, ReplayStatus.Stopped, why, cancellationToken);
        return true;
    }

    /// <summary>
    /// A delayed retry goes on with what waits behind its entry, and with nothing else: dead letters are an operator's, and
    /// another held entry has a replay of its own.
    /// </summary>
    private static string? WhyNotByItself(ReplayRecord replay, LedgerEntry? last, LedgerEntry next) =>
        last?.Replay != replay.ReplayId ? $"Another replay has '{last?.Id ?? replay.Held}' in hand."
        : next.RetryAt is not null ? next.Id == replay.Held ? null : $"'{next.Id}' is retried by itself."
        : next.Reason != Reasons.BlockedByPredecessor ? $"'{next.Id}' is a dead letter, which waits for an operator."
        : null;

    /// <summary>Something that comes before a held entry has turned up: now that entry waits behind it like any other.</summary>
    private async Task<bool> LetWaitAsync(PartitionStore store, LedgerEntry held, string blocked, CancellationToken cancellationToken)
    {
        held.RetryAt = null;
        held.Reason = Reasons.BlockedByPredecessor;
        held.Note(_clock.GetUtcNow(), $"waits behind '{blocked}' now");
        return await ReplaceAsync(store, held, cancellationToken);
    }
}

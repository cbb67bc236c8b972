using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.Logging;
using Pipeline.Consumers;
using Pipeline.DeadLetters;
using Pipeline.Messages;
using Pipeline.Outbox;
using Pipeline.Storage;

namespace Pipeline.Replay;

/// <summary>
/// Sends the dead-lettered messages of one subject back through the broker to the one consumer that failed, in order and
/// one at a time. It only ever sends the blocked head; the handling of that message closes its entry and makes the next one the
/// head, which wakes the replay by the change feed.
/// </summary>
public sealed partial class SubjectReplayer
{
    private readonly IMessageSender _sender;
    private readonly ReplayCoordinator _plans;
    private readonly Dictionary<string, Consumer> _consumers;
    private readonly RelayOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;

    /// <summary>Creates the replayer.</summary>
    public SubjectReplayer(
        IMessageSender sender, ReplayCoordinator plans, IEnumerable<Consumer> consumers, RelayOptions options, TimeProvider clock, ILogger<SubjectReplayer> log)
    {
        _plans = plans;
        _sender = sender;
        _consumers = consumers.ToDictionary(c => c.Name, StringComparer.Ordinal);
        _options = options;
        _clock = clock;
        _log = log;
    }

    /// <summary>Notes that subjects of plans are over, and starts the next ones.</summary>
    internal Task OnOverAsync(IReadOnlyCollection<SubjectReplayRecord> over, CancellationToken cancellationToken) =>
        over.Count == 0 ? Task.CompletedTask : _plans.OnOverAsync(over, cancellationToken);

    /// <summary>Takes a replay one step further, if it can go on. Safe to call at any time and from anywhere.</summary>
    internal async Task AdvanceAsync(PartitionStore store, string partition, string replayId, CancellationToken cancellationToken)
    {
        using var read = await store.ReadAsync(partition, _ => [Ids.Replay(replayId)], cancellationToken);
        if (read.Find(Ids.Replay(replayId), RecordJson.Default.SubjectReplayRecord) is not { Status: ReplayStatus.Applying } replay)
            return;
        if (!_consumers.TryGetValue(replay.Consumer, out var consumer))
        {
            await GiveUpAsync(store, replay, $"There is no consumer '{replay.Consumer}' any more.", cancellationToken);
            return;
        }

        var blocked = consumer.IsUnordered ? replay.Only : read.Head.Of(replay.Consumer).Blocked;
        var last = replay.SentEntry ?? replay.Held;
        using var entries = await store.ReadItemsAsync(partition, new[] { blocked, replay.Only, last }.OfType<string>(), cancellationToken);
        if (replay.SentEntry is { } sent && sent != blocked && entries.Find(sent, RecordJson.Default.DeadLetter) is { Result: DeadLetterResults.AlreadyHandled })
            replay.AlreadyHandled++;
        if (blocked is null)
        {
            await FinishAsync(store, replay, ReplayStatus.Completed, null, cancellationToken);
            return;
        }

        if (replay.Only is { } only && only != blocked)
        {
            // Another entry is the head now: either ours was closed, or something that comes before it has turned up.
            var isClosed = entries.Find(only, RecordJson.Default.DeadLetter) is not { Open: true };
            await FinishAsync(
                store, replay, isClosed ? ReplayStatus.Completed : ReplayStatus.Stopped, isClosed ? null : $"It waits behind '{blocked}' now.", cancellationToken);
            return;
        }

        if (entries.Find(blocked, RecordJson.Default.DeadLetter) is not { Open: true } entry)
        {
            // In order, the head is moved with the entry's closing, and this was read in between.
            if (!consumer.IsUnordered)
                return;
            if (entries.Find(blocked, RecordJson.Default.DeadLetter) is { Result: DeadLetterResults.AlreadyHandled })
                replay.AlreadyHandled++;
            await FinishAsync(store, replay, ReplayStatus.Completed, null, cancellationToken);
            return;
        }

        var isSent = replay.SentEntry == entry.Id;
        if (isSent && entry.Attempt > replay.SentAttempt)
        {
            await FinishAsync(store, replay, ReplayStatus.Stopped, entry.History.LastOrDefault()?.What.Split('\n')[0], cancellationToken);
            return;
        }

        if (replay.Held is not null && !await GoesOnByItselfAsync(store, replay, entries, entry, cancellationToken))
            return;
        if (isSent && _clock.GetUtcNow() - replay.SentAt < _options.ReplayResendAge)
            return;
        if (entry.Replay != replayId && !await MarkAsync(store, entry, replayId, cancellationToken))
            return;

        // Sent before it is noted: a crash in between sends it again, with the same message id.
        var dueAt = DueAt(replay, isSent);
        try
        {
            await _sender.SendAsync(consumer.Destination, [MessageOf(entry, replay) with { NotBefore = dueAt }], cancellationToken);
        }
        catch (MessageRefusedException e)
        {
            await GiveUpAsync(store, replay, e.Message, cancellationToken);
            return;
        }

        replay.SentEntry = entry.Id;
        replay.SentAttempt = entry.Attempt;
        replay.SentAt = dueAt ?? _clock.GetUtcNow();
        replay.Sent += isSent ? 0 : 1;
        await WriteAsync(store, replay, cancellationToken);
    }

    /// <summary>When the next message may be delivered; <see langword="null"/> for at once. One that got lost waited long enough.</summary>
    private DateTimeOffset? DueAt(SubjectReplayRecord replay, bool isSentAgain)
    {
        var due = replay.SentAt is { } sentAt ? sentAt.AddMilliseconds(replay.IntervalMilliseconds) : replay.NotBefore;
        return isSentAgain || due <= _clock.GetUtcNow() ? null : due;
    }

    /// <summary>The replays of one container that are under way, but for those whose message the broker holds: there may be many, and nothing is to be done.</summary>
    internal static async Task<IReadOnlyCollection<(string Partition, string ReplayId)>> ApplyingAsync(
        PartitionStore store, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var query = new QueryDefinition("SELECT c.pk, c.replayId FROM c WHERE c.kind = 'replay' AND c.status = 'applying' AND (NOT IS_DEFINED(c.sentAt) OR c.sentAt <= @now)")
            .WithParameter("@now", RecordJson.TextOf(now));
        var found = new List<(string, string)>();
        await foreach (var page in store.PagesAsync(query, null, null, null, cancellationToken))
        {
            using (page.Document)
            {
                foreach (var item in page.Items)
                {
                    if (item.TryGetProperty("replayId"u8, out var id) && id.ValueKind == JsonValueKind.String)
                        found.Add((item.GetProperty("pk"u8).GetString()!, id.GetString()!));
                }
            }
        }

        return found;
    }

    private async Task FinishAsync(PartitionStore store, SubjectReplayRecord replay, string status, string? detail, CancellationToken cancellationToken)
    {
        replay.Status = status;
        replay.Detail = detail;
        replay.TtlSeconds = replay.Held is null ? SubjectReplayRecord.FinishedTtlSeconds : FinishedRetryTtlSeconds;
        await WriteAsync(store, replay, cancellationToken);
        _log.LogInformation(
            "Replay {Replay} of {Partition} at {Consumer} {Status}, messages sent: {Sent}.{Detail}",
            replay.ReplayId, replay.Partition, replay.Consumer, status, replay.Sent, detail is null ? "" : " " + detail);
    }

    /// <summary>Puts the replay's name on the entry, so that its closing, or its failing again, wakes the replay.</summary>
    private static Task<bool> MarkAsync(PartitionStore store, DeadLetter entry, string replayId, CancellationToken cancellationToken)
    {
        entry.Replay = replayId;
        return ReplaceAsync(store, entry, cancellationToken);
    }

    private static async Task<bool> ReplaceAsync(PartitionStore store, DeadLetter entry, CancellationToken cancellationToken)
    {
        var etag = entry.ETag!;
        entry.ETag = null;
        var bytes = JsonSerializer.SerializeToUtf8Bytes(entry, RecordJson.Default.DeadLetter);
        return await store.ReplaceAsync(entry.Partition, entry.Id, etag, bytes, cancellationToken) == HttpStatusCode.OK;
    }

    private static async Task WriteAsync(PartitionStore store, SubjectReplayRecord replay, CancellationToken cancellationToken)
    {
        // A 412 means that another instance took the step; its note is as good as ours.
        var etag = replay.ETag!;
        replay.ETag = null;
        await store.ReplaceAsync(
            replay.Partition, replay.Id, etag, JsonSerializer.SerializeToUtf8Bytes(replay, RecordJson.Default.SubjectReplayRecord), cancellationToken);
    }

    /// <summary>The message that a replay sends of an entry.</summary>
    internal static OutgoingMessage MessageOf(DeadLetter entry, SubjectReplayRecord replay)
    {
        // An edit may have made the same event of two entries, and the broker drops the second of one id.
        var what = entry.Edits is { Count: > 0 } ? entry.Id : entry.EventId ?? entry.MessageId;
        var identity = string.Create(CultureInfo.InvariantCulture, $"{replay.ReplayId}:{what}:{entry.Attempt}");
        if (identity.Length > IncomingMessage.MaxIdLength)
            identity = string.Create(CultureInfo.InvariantCulture,
                $"{replay.ReplayId}:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(identity)).AsSpan(0, 16))}:{entry.Attempt}");
        return new OutgoingMessage
        {
            MessageId = identity,
            SessionId = entry.Partition,
            Type = entry.Type,
            Body = entry.Body,
            ReplayFor = entry.Consumer,
            TraceParent = entry.TraceParent,
            Properties = new Dictionary<string, string>(StringComparer.Ordinal)
            {
                [ReceivedMessage.ReplayProperty] = replay.ReplayId,
                [ReceivedMessage.EntryProperty] = entry.Id,
                [ReceivedMessage.AttemptProperty] = entry.Attempt.ToString(CultureInfo.InvariantCulture),
            },
        };
    }
}

using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.Logging;
using Pipeline.Consumers;
using Pipeline.Ledger;
using Pipeline.Messages;
using Pipeline.Outbox;
using Pipeline.Partitions;

namespace Pipeline.Replays;

/// <summary>Why a replay cannot be started.</summary>
public sealed class ReplayRefusedException : Exception
{
    /// <summary>Creates the exception.</summary>
    public ReplayRefusedException(string message)
        : base(message)
    {
    }
}

/// <summary>Where a replay stands.</summary>
/// <param name="ReplayId">Its id.</param>
/// <param name="Container">The container of the consumer.</param>
/// <param name="Partition">The subject.</param>
/// <param name="Consumer">The consumer that the messages go to.</param>
/// <param name="Status">One of <see cref="ReplayStatus"/>.</param>
/// <param name="Detail">Why it stopped; else <see langword="null"/>.</param>
/// <param name="Sent">How many entries were sent.</param>
/// <param name="CreatedAt">When it was asked for.</param>
public sealed record ReplayView(
    string ReplayId, string Container, string Partition, string Consumer, string Status, string? Detail, int Sent, DateTimeOffset CreatedAt);

/// <summary>
/// Sends dead-lettered messages back through the broker to the one consumer that failed, in order and one at a time per
/// subject. It only ever sends the blocked head; the handling of that message closes its entry and makes the next one the
/// head, which wakes the replay by the change feed.
/// </summary>
public sealed partial class Replayer
{
    private const int FinishedTtlSeconds = 30 * 24 * 60 * 60;

    /// <summary>Delayed retries make many, and the entry's history tells of them.</summary>
    private const int FinishedRetryTtlSeconds = 24 * 60 * 60;

    private readonly IMessageSender _sender;
    private readonly Dictionary<string, Consumer> _consumers;
    private readonly RelayOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;

    /// <summary>Creates the replayer.</summary>
    public Replayer(IMessageSender sender, IEnumerable<Consumer> consumers, RelayOptions options, TimeProvider clock, ILogger<Replayer> log)
    {
        _sender = sender;
        _consumers = consumers.ToDictionary(c => c.Name, StringComparer.Ordinal);
        _options = options;
        _clock = clock;
        _log = log;
    }

    /// <summary>Starts the replay of one entry, or of everything that waits of one subject.</summary>
    /// <param name="store">The container of the consumer.</param>
    /// <param name="partition">The subject.</param>
    /// <param name="consumerName">The consumer.</param>
    /// <param name="entryId">The only entry to replay; <see langword="null"/> for the whole subject.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="ReplayRefusedException">Nothing is blocked there, or the entry waits behind another one.</exception>
    public async Task<ReplayView> StartAsync(
        PartitionStore store, string partition, string consumerName, string? entryId, CancellationToken cancellationToken)
    {
        if (!_consumers.TryGetValue(consumerName, out var consumer))
            throw new ReplayRefusedException($"There is no consumer '{consumerName}'.");
        using var read = await store.ReadAsync(partition, _ => entryId is null ? [] : [entryId], cancellationToken);
        if (consumer.IsOrderFree)
        {
            CheckOrderFree(consumerName, entryId is null ? null : read.Find(entryId, RecordJson.Default.LedgerEntry));
        }
        else
        {
            var blocked = read.Head.Of(consumerName).Blocked
                ?? throw new ReplayRefusedException($"Nothing of '{partition}' is blocked at '{consumerName}'.");
            if (entryId is not null && entryId != blocked)
                throw new ReplayRefusedException($"'{entryId}' waits behind '{blocked}'. Replay that one, or the subject '{partition}' as a whole.");
        }

        // Derived from what is asked and when, so that ids need no randomness: two requests in one tick are one request.
        var now = _clock.GetUtcNow();
        var digest = SHA256.HashData(Encoding.UTF8.GetBytes($"{store.Name}\n{partition}\n{consumerName}\n{entryId}\n{now.Ticks}"));
        var id = string.Create(CultureInfo.InvariantCulture, $"r{now:yyyyMMddHHmmss}-{Convert.ToHexStringLower(digest.AsSpan(0, 5))}");
        var record = new ReplayRecord
        {
            Id = Ids.Replay(id),
            Partition = partition,
            ReplayId = id,
            Consumer = consumerName,
            Only = entryId,
            Status = ReplayStatus.Applying,
            CreatedAt = now,
        };
        var commit = new Commit(partition);
        commit.CreateFirst(record.Id, record, RecordJson.Default.ReplayRecord, CommitOutcome.AlreadyHandled);
        await store.WriteAsync(commit, cancellationToken);
        return ViewOf(store, record);
    }

    /// <summary>An order-free consumer has no line and no block: each entry is replayed by itself.</summary>
    private static void CheckOrderFree(string consumerName, LedgerEntry? entry)
    {
        if (entry is not { Open: true } || entry.Consumer != consumerName)
            throw new ReplayRefusedException($"'{consumerName}' takes messages in any order, so that each entry is replayed by itself: name an open 'entry' of it.");
        if (entry.Reason is Reasons.Expired or Reasons.OutOfOrder)
            throw new ReplayRefusedException($"'{entry.Id}' is {entry.Reason}: nothing tells whether it was handled, so it is never replayed.");
    }

    /// <summary>The consumers at which a subject is blocked.</summary>
    public static async Task<IReadOnlyList<string>> BlockedConsumersAsync(PartitionStore store, string partition, CancellationToken cancellationToken)
    {
        using var read = await store.ReadAsync(partition, _ => [], cancellationToken);
        return [.. read.Head.Consumers.Where(c => c.Value.Blocked is not null).Select(c => c.Key)];
    }

    /// <summary>Takes a replay one step further, if it can go on. Safe to call at any time and from anywhere.</summary>
    internal async Task AdvanceAsync(PartitionStore store, string partition, string replayId, CancellationToken cancellationToken)
    {
        using var read = await store.ReadAsync(partition, _ => [Ids.Replay(replayId)], cancellationToken);
        if (read.Find(Ids.Replay(replayId), RecordJson.Default.ReplayRecord) is not { Status: ReplayStatus.Applying } replay)
            return;
        if (!_consumers.TryGetValue(replay.Consumer, out var consumer))
        {
            await FinishAsync(store, replay, ReplayStatus.Stopped, $"There is no consumer '{replay.Consumer}' any more.", cancellationToken);
            return;
        }

        var blocked = consumer.IsOrderFree ? replay.Only : read.Head.Of(replay.Consumer).Blocked;
        if (blocked is null)
        {
            await FinishAsync(store, replay, ReplayStatus.Completed, null, cancellationToken);
            return;
        }

        var last = replay.SentEntry ?? replay.Held;
        using var entries = await store.ReadItemsAsync(partition, [blocked, replay.Only ?? blocked, last ?? blocked], cancellationToken);
        if (replay.Only is { } only && only != blocked)
        {
            // Another entry is the head now: either ours was closed, or something that comes before it has turned up.
            var isClosed = entries.Find(only, RecordJson.Default.LedgerEntry) is not { Open: true };
            await FinishAsync(
                store, replay, isClosed ? ReplayStatus.Completed : ReplayStatus.Stopped, isClosed ? null : $"It waits behind '{blocked}' now.", cancellationToken);
            return;
        }

        if (entries.Find(blocked, RecordJson.Default.LedgerEntry) is not { Open: true } entry)
        {
            // In order, the head is moved with the entry's closing, and this was read in between.
            if (consumer.IsOrderFree)
                await FinishAsync(store, replay, ReplayStatus.Completed, null, cancellationToken);
            return;
        }

        var isSent = replay.SentEntry == entry.Id;
        if (isSent && entry.Attempt > replay.SentAttempt)
        {
            await FinishAsync(store, replay, ReplayStatus.Stopped, entry.History.LastOrDefault()?.What.Split('\n')[0], cancellationToken);
            return;
        }

        if (await EndsByItselfAsync(store, replay, entries, entry, cancellationToken))
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
            await FinishAsync(store, replay, ReplayStatus.Stopped, e.Message, cancellationToken);
            return;
        }

        replay.SentEntry = entry.Id;
        replay.SentAttempt = entry.Attempt;
        replay.SentAt = dueAt ?? _clock.GetUtcNow();
        replay.Sent += isSent ? 0 : 1;
        await WriteAsync(store, replay, cancellationToken);
    }

    /// <summary>When the next message may be delivered; <see langword="null"/> for at once. One that got lost waited long enough.</summary>
    private DateTimeOffset? DueAt(ReplayRecord replay, bool isSentAgain)
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
                    found.Add((item.GetProperty("pk"u8).GetString()!, item.GetProperty("replayId"u8).GetString()!));
            }
        }

        return found;
    }

    /// <summary>Finds a replay by its id; <see langword="null"/> if this container has none of that id.</summary>
    public static async Task<ReplayView?> FindAsync(PartitionStore store, string replayId, CancellationToken cancellationToken)
    {
        var query = new QueryDefinition("SELECT * FROM c WHERE c.kind = 'replay' AND c.replayId = @id").WithParameter("@id", replayId);
        using var read = await store.QueryAsync(query, null, 1, cancellationToken);
        return read.Count == 0 ? null : ViewOf(store, read.Records[0].Deserialize(RecordJson.Default.ReplayRecord)!);
    }

    private async Task FinishAsync(PartitionStore store, ReplayRecord replay, string status, string? detail, CancellationToken cancellationToken)
    {
        replay.Status = status;
        replay.Detail = detail;
        replay.TtlSeconds = replay.Held is null ? FinishedTtlSeconds : FinishedRetryTtlSeconds;
        await WriteAsync(store, replay, cancellationToken);
        _log.LogInformation(
            "Replay {Replay} of {Partition} at {Consumer} {Status} after {Sent} messages.{Detail}",
            replay.ReplayId, replay.Partition, replay.Consumer, status, replay.Sent, detail is null ? "" : " " + detail);
    }

    /// <summary>Puts the replay's name on the entry, so that its closing, or its failing again, wakes the replay.</summary>
    private static Task<bool> MarkAsync(PartitionStore store, LedgerEntry entry, string replayId, CancellationToken cancellationToken)
    {
        entry.Replay = replayId;
        return ReplaceAsync(store, entry, cancellationToken);
    }

    private static async Task<bool> ReplaceAsync(PartitionStore store, LedgerEntry entry, CancellationToken cancellationToken)
    {
        var etag = entry.ETag!;
        entry.ETag = null;
        var bytes = JsonSerializer.SerializeToUtf8Bytes(entry, RecordJson.Default.LedgerEntry);
        return await store.ReplaceAsync(entry.Partition, entry.Id, etag, bytes, cancellationToken) == HttpStatusCode.OK;
    }

    private static async Task WriteAsync(PartitionStore store, ReplayRecord replay, CancellationToken cancellationToken)
    {
        // A 412 means that another instance took the step; its note is as good as ours.
        var etag = replay.ETag!;
        replay.ETag = null;
        await store.ReplaceAsync(
            replay.Partition, replay.Id, etag, JsonSerializer.SerializeToUtf8Bytes(replay, RecordJson.Default.ReplayRecord), cancellationToken);
    }

    private static OutgoingMessage MessageOf(LedgerEntry entry, ReplayRecord replay)
    {
        var identity = $"{replay.ReplayId}:{entry.EventId ?? entry.MessageId}:{entry.Attempt}";
        if (identity.Length > IncomingMessage.MaxIdLength)
            identity = $"{replay.ReplayId}:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(identity)).AsSpan(0, 16))}:{entry.Attempt}";
        return new OutgoingMessage
        {
            MessageId = identity,
            SessionId = entry.Partition,
            Type = entry.Type,
            Body = entry.Body,
            ReplayFor = entry.Consumer,
            TraceParent = entry.TraceParent,
            Properties = new Dictionary<string, string>
            {
                [Delivery.ReplayProperty] = replay.ReplayId,
                [Delivery.EntryProperty] = entry.Id,
                [Delivery.AttemptProperty] = entry.Attempt.ToString(CultureInfo.InvariantCulture),
            },
        };
    }

    private static ReplayView ViewOf(PartitionStore store, ReplayRecord r) =>
        new(r.ReplayId, store.Name, r.Partition, r.Consumer, r.Status, r.Detail, r.Sent, r.CreatedAt);
}

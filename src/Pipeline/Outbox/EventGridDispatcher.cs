using System.Buffers;
using Microsoft.Extensions.Logging;
using Pipeline.Messages;

namespace Pipeline.Outbox;

/// <summary>
/// The second leg of an outbox record: its public facts go to Event Grid, after Service Bus and independently of it. A
/// topic that is down costs an instance one bounded attempt; then the leg rests, and the sweep brings what was left behind.
/// </summary>
internal sealed class EventGridDispatcher(IEventPublisher? publisher, RelayOptions options, TimeProvider clock, ILogger log)
{
    /// <summary>Event Grid takes 1 MB a request; some of it is kept for the envelope.</summary>
    private const int MaxBatchBytes = 960 * 1024;

    private long _restingUntil;

    /// <summary>Whether the last attempt failed a short while ago, so that the feed leaves the leg to the sweep.</summary>
    public bool IsResting => clock.GetUtcNow().UtcTicks < Interlocked.Read(ref _restingUntil);

    /// <summary>
    /// Publishes the public facts of records of any partitions, in as few requests as possible. A record without any, or
    /// a pipeline without a topic, has nothing to wait for. After one failure the rest is not tried: a topic that is down is
    /// asked once.
    /// </summary>
    /// <param name="records">The records.</param>
    /// <param name="evenIfResting">Whether to try although the last attempt failed: the sweep does, the feed does not.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public async Task<(PublishOutcome Outcome, string? Reason)[]> PublishAsync(
        IReadOnlyList<OutboxRecord> records, bool evenIfResting, CancellationToken cancellationToken)
    {
        var results = new (PublishOutcome Outcome, string? Reason)[records.Count];
        if (publisher is null)
            return results;
        var hasFailed = false;
        foreach (var batch in BatchesOf(records))
        {
            var result = await TrySendAsync(batch);
            if (result.Outcome == PublishOutcome.Refused && batch.Count > 1)
            {
                // One event that is refused costs the others a request of their own, nothing more.
                foreach (var i in batch)
                    results[i] = await TrySendAsync([i]);
                continue;
            }

            foreach (var i in batch)
                results[i] = result;
        }

        return results;

        async Task<(PublishOutcome Outcome, string? Reason)> TrySendAsync(List<int> batch)
        {
            if (hasFailed || (IsResting && !evenIfResting))
                return (PublishOutcome.Failed, null);
            var result = await SendAsync([.. batch.SelectMany(i => records[i].PublicEvents)], cancellationToken);
            hasFailed = result.Outcome == PublishOutcome.Failed;
            return result;
        }
    }

    /// <summary>Indexes of the records that have something to publish, as many together as one request takes.</summary>
    private static IEnumerable<List<int>> BatchesOf(IReadOnlyList<OutboxRecord> records)
    {
        var batch = new List<int>();
        var bytes = 0;
        for (var i = 0; i < records.Count; i++)
        {
            var size = records[i].PublicEvents.Sum(e => e.Length + 1);
            if (size == 0)
                continue;
            if (batch.Count > 0 && bytes + size > MaxBatchBytes)
            {
                yield return batch;
                batch = [];
                bytes = 0;
            }

            batch.Add(i);
            bytes += size;
        }

        if (batch.Count > 0)
            yield return batch;
    }

    /// <summary>Sends the events, in one request unless those of a single record are more than it takes.</summary>
    private async Task<(PublishOutcome Outcome, string? Reason)> SendAsync(List<ReadOnlyMemory<byte>> events, CancellationToken cancellationToken)
    {
        for (var sent = 0; sent < events.Count;)
        {
            var body = new ArrayBufferWriter<byte>(4096);
            var first = sent;
            do
            {
                body.Write(sent == first ? "["u8 : ","u8);
                body.Write(events[sent++].Span);
            }
            while (sent < events.Count && body.WrittenCount + events[sent].Length < MaxBatchBytes);
            body.Write("]"u8);
            if (await RequestAsync(body.WrittenMemory, sent - first, cancellationToken) is { Outcome: not PublishOutcome.Published } failed)
                return failed;
        }

        return (PublishOutcome.Published, null);
    }

    private async Task<(PublishOutcome Outcome, string? Reason)> RequestAsync(ReadOnlyMemory<byte> body, int count, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(options.EventGridTimeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        var started = clock.GetTimestamp();
        try
        {
            await publisher!.PublishAsync(body, either.Token);
            Telemetry.Published.Add(count, new KeyValuePair<string, object?>("destination", "event-grid"));

            // A slow topic takes what it gets, but the feed, and with it Service Bus, would wait for it each time.
            if (clock.GetElapsedTime(started) > options.EventGridTimeout / 3)
                Rest();
            else
                Interlocked.Exchange(ref _restingUntil, 0);
            return (PublishOutcome.Published, null);
        }
        catch (MessageRefusedException e)
        {
            return (PublishOutcome.Refused, e.Message);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            Rest();
            log.LogWarning(
                "Event Grid takes nothing now ({Error}); {Count} events wait for the sweep. Service Bus goes on.", e.Message.Split('\n')[0], count);
            return (PublishOutcome.Failed, e.Message);
        }
    }

    private void Rest() => Interlocked.Exchange(ref _restingUntil, (clock.GetUtcNow() + options.EventGridCooldown).UtcTicks);
}

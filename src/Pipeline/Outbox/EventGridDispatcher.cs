using System.Buffers;
using Microsoft.Extensions.Logging;
using Pipeline.Diagnostics;
using Pipeline.Messages;

namespace Pipeline.Outbox;

/// <summary>
/// Publishes the public events of outbox records to Event Grid, after Service Bus and independently of it. If the topic is down, each instance makes
/// one time-limited attempt, then pauses; the recovery sweep publishes what was left behind.
/// </summary>
internal sealed class EventGridDispatcher(IEventPublisher? publisher, RelayOptions options, TimeProvider clock, ILogger log)
{
    /// <summary>Event Grid takes 1 MB a request, less some room for the envelope.</summary>
    private const int MaxBatchBytes = 960 * 1024;

    private long _coolingDownUntil;

    /// <summary>Whether the last attempt failed a short while ago, so that the change feed leaves Event Grid to the recovery sweep.</summary>
    public bool IsCoolingDown => clock.GetUtcNow().UtcTicks < Interlocked.Read(ref _coolingDownUntil);

    /// <summary>
    /// Publishes the public events of records of any partitions, in as few requests as possible. A record without any, or a pipeline without a topic, has
    /// nothing to wait for. After one failure the rest is not tried: a topic that is down is called once.
    /// </summary>
    /// <param name="records">The records.</param>
    /// <param name="evenIfCoolingDown">Whether to try although the last attempt failed: the recovery sweep does, the change feed does not.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public async Task<PublishResult[]> PublishAsync(IReadOnlyList<OutboxRecord> records, bool evenIfCoolingDown, CancellationToken cancellationToken)
    {
        var results = new PublishResult[records.Count];
        Array.Fill(results, PublishResult.Published);
        if (publisher is null)
            return results;
        var hasFailed = false;
        foreach (var batch in BatchesOf(records))
        {
            var result = await TrySendAsync(batch);
            if (result.Outcome == PublishOutcome.Refused && batch.Count > 1)
            {
                // An event that is refused costs the others a request of their own, nothing more.
                foreach (var i in batch)
                    results[i] = await TrySendAsync([i]);
                continue;
            }

            foreach (var i in batch)
                results[i] = result;
        }

        return results;

        async Task<PublishResult> TrySendAsync(List<int> batch)
        {
            if (hasFailed || (IsCoolingDown && !evenIfCoolingDown))
                return new PublishResult(PublishOutcome.Unavailable);
            var result = await SendAsync([.. batch.SelectMany(i => records[i].PublicEvents)], cancellationToken);
            hasFailed = result.Outcome == PublishOutcome.Unavailable;
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
    private async Task<PublishResult> SendAsync(List<ReadOnlyMemory<byte>> events, CancellationToken cancellationToken)
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

        return PublishResult.Published;
    }

    private async Task<PublishResult> RequestAsync(ReadOnlyMemory<byte> body, int count, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(options.EventGridTimeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        var started = clock.GetTimestamp();
        try
        {
            await publisher!.PublishAsync(body, either.Token);
            Telemetry.Published.Add(count, new KeyValuePair<string, object?>("destination", "event-grid"));

            // A slow topic accepts what it gets, but the change feed, and with it Service Bus, would wait for it each time.
            if (clock.GetElapsedTime(started) > options.EventGridTimeout / 3)
                CoolDown();
            else
                Interlocked.Exchange(ref _coolingDownUntil, 0);
            return PublishResult.Published;
        }
        catch (MessageRefusedException e)
        {
            return new PublishResult(PublishOutcome.Refused, e.Message);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            CoolDown();
            log.LogWarning(
                "Event Grid is unavailable ({Error}); {Count} events wait for the recovery sweep. Service Bus is not affected.", e.Message.Split('\n')[0], count);
            return new PublishResult(PublishOutcome.Unavailable, e.Message);
        }
    }

    private void CoolDown() => Interlocked.Exchange(ref _coolingDownUntil, (clock.GetUtcNow() + options.EventGridCooldown).UtcTicks);
}

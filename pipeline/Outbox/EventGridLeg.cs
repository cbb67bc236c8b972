using System.Buffers;
using Microsoft.Extensions.Logging;
using Pipeline.Messages;

namespace Pipeline.Outbox;

/// <summary>
/// The second leg of an outbox record: its public facts go to Event Grid, after Service Bus and independently of it. A
/// topic that is down costs an instance one bounded attempt; then the leg rests, and the sweep brings what was left behind.
/// </summary>
internal sealed class EventGridLeg(IEventPublisher? publisher, RelayOptions options, TimeProvider clock, ILogger log)
{
    /// <summary>Event Grid takes 1 MB a request; some of it is kept for the envelope.</summary>
    private const int MaxBatchBytes = 960 * 1024;

    private long _restingUntil;

    /// <summary>Whether the last attempt failed a short while ago, so that the feed leaves the leg to the sweep.</summary>
    public bool IsResting => clock.GetUtcNow().UtcTicks < Interlocked.Read(ref _restingUntil);

    /// <summary>
    /// Publishes the public facts of records of any partitions, in as few requests as possible. A record without any, or
    /// a pipeline without a topic, has nothing to wait for.
    /// </summary>
    /// <param name="records">The records.</param>
    /// <param name="evenIfResting">Whether to try although the last attempt failed: the sweep does, the feed does not.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public async Task<(PublishOutcome Outcome, string? Reason)[]> PublishAsync(
        IReadOnlyList<PendingRecord> records, bool evenIfResting, CancellationToken cancellationToken)
    {
        var results = new (PublishOutcome Outcome, string? Reason)[records.Count];
        if (publisher is null)
            return results;
        var batch = new List<int>();
        var bytes = 0;
        for (var i = 0; i < records.Count; i++)
        {
            var size = records[i].PublicEvents.Sum(e => e.Length + 1);
            if (size == 0)
                continue;
            if (batch.Count > 0 && bytes + size > MaxBatchBytes)
            {
                await PublishAsync(records, batch, results, evenIfResting, cancellationToken);
                batch.Clear();
                bytes = 0;
            }

            batch.Add(i);
            bytes += size;
        }

        if (batch.Count > 0)
            await PublishAsync(records, batch, results, evenIfResting, cancellationToken);
        return results;
    }

    private async Task PublishAsync(
        IReadOnlyList<PendingRecord> records, List<int> batch, (PublishOutcome Outcome, string? Reason)[] results, bool evenIfResting, CancellationToken cancellationToken)
    {
        // After one failure the rest of a sweep waits as well: a topic that is down is asked once.
        if (IsResting && !evenIfResting)
        {
            foreach (var i in batch)
                results[i] = (PublishOutcome.Failed, null);
            return;
        }

        var result = await SendAsync(records, batch, cancellationToken);
        if (result.Outcome == PublishOutcome.Refused && batch.Count > 1)
        {
            // One event that is refused costs the others a request of their own, nothing more.
            foreach (var i in batch)
                results[i] = await SendAsync(records, [i], cancellationToken);
            return;
        }

        foreach (var i in batch)
            results[i] = result;
    }

    private async Task<(PublishOutcome Outcome, string? Reason)> SendAsync(
        IReadOnlyList<PendingRecord> records, List<int> batch, CancellationToken cancellationToken)
    {
        var body = new ArrayBufferWriter<byte>(4096);
        var count = 0;
        foreach (var publicEvent in batch.SelectMany(i => records[i].PublicEvents))
        {
            body.Write(count++ == 0 ? "["u8 : ","u8);
            body.Write(publicEvent.Span);
        }

        body.Write("]"u8);
        using var patience = new CancellationTokenSource(options.EventGridPatience, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            await publisher!.PublishAsync(body.WrittenMemory, either.Token);
            Interlocked.Exchange(ref _restingUntil, 0);
            Telemetry.Published.Add(count, new KeyValuePair<string, object?>("destination", "event-grid"));
            return (PublishOutcome.Published, null);
        }
        catch (MessageRefusedException e)
        {
            return (PublishOutcome.Refused, e.Message);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            Interlocked.Exchange(ref _restingUntil, (clock.GetUtcNow() + options.EventGridRest).UtcTicks);
            log.LogWarning(
                "Event Grid takes nothing now ({Error}); {Count} events wait for the sweep. Service Bus goes on.", e.Message.Split('\n')[0], count);
            return (PublishOutcome.Failed, e.Message);
        }
    }
}

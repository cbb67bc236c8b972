using System.Text;
using Microsoft.Extensions.Logging;
using Pipeline.Consumers;
using Pipeline.DeadLetters;
using Pipeline.Diagnostics;
using Pipeline.Messages;
using Pipeline.Payloads;
using Pipeline.Storage;

namespace Pipeline.Operations;

/// <summary>
/// Deletes payloads that are not needed any more: a payload lives as long as its outbox record, its message or a dead
/// letter of it. Where that cannot be determined, it stays.
/// </summary>
public sealed class PayloadCollector
{
    /// <summary>Where a run that ran out of time left off. Not a payload: it has no origin.</summary>
    internal const string PositionName = "~collector/position";

    private readonly IPayloadStore _payloads;
    private readonly Dictionary<string, CosmosPartitionStore> _stores;
    private readonly Dictionary<string, List<Consumer>> _consumers;
    private readonly PayloadOptions _options;
    private readonly TimeSpan _longestAcceptance;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;

    /// <summary>Creates the collector.</summary>
    /// <param name="payloads">What to clear.</param>
    /// <param name="stores">The containers of all services.</param>
    /// <param name="consumers">All consumers: one that is missing here loses its payloads.</param>
    /// <param name="options">Ages and budget.</param>
    /// <param name="services">What consumers share: all messages, for how long handled ones are remembered, the clock.</param>
    /// <param name="log">Tells what was deleted.</param>
    public PayloadCollector(
        IPayloadStore payloads,
        IEnumerable<CosmosPartitionStore> stores,
        IEnumerable<Consumer> consumers,
        PayloadOptions options,
        ConsumerServices services,
        ILogger<PayloadCollector> log)
    {
        ArgumentNullException.ThrowIfNull(services);
        _payloads = payloads;
        _stores = stores.ToDictionary(s => s.Name, StringComparer.Ordinal);
        var all = consumers.ToList();
        _consumers = services.Catalog.All.ToDictionary(
            t => t.Name, t => all.Where(c => HandledVersions.Of(c, services.Catalog, t) is not null).ToList(), StringComparer.Ordinal);
        _options = options;
        _longestAcceptance = services.Options.LongestAcceptance;
        _clock = services.Clock;
        _log = log;
    }

    /// <summary>
    /// Goes through the payloads, page by page, until it is through or the budget is used up; the next run continues there.
    /// </summary>
    /// <returns>How many were deleted, and how many that were old enough had to stay.</returns>
    /// <exception cref="StoreUnavailableException">A store is unavailable. The next run tries again.</exception>
    public async Task<(int Deleted, int Kept)> RunAsync(CancellationToken cancellationToken)
    {
        var started = _clock.GetTimestamp();
        var from = await ReadPositionAsync(cancellationToken);
        var continuation = from;
        int deleted = 0, kept = 0;
        do
        {
            var page = await _payloads.ListAsync(null, continuation, cancellationToken);
            var oldest = _clock.GetUtcNow() - _options.MinimumAge;
            await Parallel.ForEachAsync(
                page.Items.Where(p => p.LastModified < oldest && p.Name != PositionName),
                new ParallelOptions { MaxDegreeOfParallelism = _options.CollectorParallelism, CancellationToken = cancellationToken },
                async (payload, token) =>
                {
                    // If it was written again since it was listed, a new commit is about to need it.
                    if (await WhyNeedlessAsync(payload, token) is { } why && await _payloads.DeleteAsync(payload.Name, payload.ETag, token))
                    {
                        Interlocked.Increment(ref deleted);
                        Telemetry.PayloadsCollected.Add(1, new KeyValuePair<string, object?>("type", payload.Origin!.Type));
                        _log.LogInformation("Payload {Payload} of {EventId} is deleted: {Why}.", payload.Name, payload.Origin.EventId, why);
                    }
                    else
                    {
                        Interlocked.Increment(ref kept);
                    }
                });
            continuation = page.Continuation;
        }
        while (continuation is not null && _clock.GetElapsedTime(started) < _options.CollectorBudget);

        if (from is not null || continuation is not null)
            await _payloads.PutAsync(PositionName, Encoding.UTF8.GetBytes(continuation ?? ""), null, cancellationToken);
        if (deleted + kept > 0)
            _log.LogInformation("{Deleted} payloads were deleted, {Kept} are still needed.{More}", deleted, kept, continuation is null ? "" : " The next run goes on.");
        return (deleted, kept);
    }

    /// <summary>A damaged partition holds up no other payload.</summary>
    private async Task<string?> WhyNeedlessAsync(StoredPayload payload, CancellationToken cancellationToken)
    {
        try
        {
            return await WhyNeedlessNowAsync(payload, cancellationToken);
        }
        catch (DamagedPartitionException e)
        {
            _log.LogError(e, "Payload {Payload} stays. {Damage}", payload.Name, e.Message);
            return null;
        }
    }

    /// <summary>Why a payload can go; <see langword="null"/> if it cannot, or if that cannot be told.</summary>
    private async Task<string?> WhyNeedlessNowAsync(StoredPayload payload, CancellationToken cancellationToken)
    {
        if (payload.Origin is not { } origin
            || !_stores.TryGetValue(origin.Service, out var store)
            || !_consumers.TryGetValue(origin.Type, out var consumers)
            || Ids.PartitionError(origin.Partition) is not null
            || Ids.PartitionError(origin.Key) is not null)
        {
            _log.LogWarning("Payload {Payload} stays: it does not say whose it is, or of a type or service that is not known here.", payload.Name);
            return null;
        }

        using (var sender = await store.ReadAsync(new Partition(origin.Partition), _ => [Ids.Outbox(origin.Record)], cancellationToken))
        {
            // Published or not, quarantined or not: as long as the record is there, its message is still to be sent.
            if (sender.Find(Ids.Outbox(origin.Record)) is { } record && !record.GetProperty("kind"u8).ValueEquals(RecordKinds.Published))
                return null;
            if (sender.Head.Number < origin.Number)
                return "the commit that it was stored for never came";
        }

        foreach (var consumer in consumers)
        {
            if (!await IsDoneAsync(consumer, origin, payload.LastModified, cancellationToken))
                return null;
        }

        return consumers.Count == 0 ? "its message is published, and no consumer handles it" : "every consumer is done with its message";
    }

    /// <summary>Whether a consumer will never ask for it again.</summary>
    private async Task<bool> IsDoneAsync(Consumer consumer, PayloadOrigin origin, DateTimeOffset storedAt, CancellationToken cancellationToken)
    {
        var name = new ConsumerName(consumer.Name);
        var key = Ids.InboxKey(name, origin.Service, origin.Key, origin.Sequence, new CloudEventId(origin.EventId));
        using var read = await _stores[consumer.Service].ReadAsync(new Partition(origin.Key), _ => [Ids.Inbox(key), Ids.DeadLetter(key).Value], cancellationToken);

        // An entry knows best: open, the message is still to be replayed; closed, it was handled or given up for good, unless
        // it was parted then and failed in a partition.
        if (read.Find(Ids.DeadLetter(key), DeadLetterJson.Default.DeadLetter) is { } entry)
            return !entry.Open && !(consumer.IsUnordered && await HasOpenEntryAsync(consumer, origin, cancellationToken));
        if (read.Find(Ids.Inbox(key)) is not null)
            return true;
        if (origin.Sequence is { } sequence && !consumer.IsUnordered)
            return read.Head.PositionOf(name).Handled.GetValueOrDefault(origin.Service) >= sequence;

        // "Last handled" says nothing here. Once its inbox record would have expired, the message would too.
        return _clock.GetUtcNow() - storedAt > _longestAcceptance
            && !(consumer.IsUnordered && await HasOpenEntryAsync(consumer, origin, cancellationToken));
    }

    /// <summary>An unordered consumer may keep its entry in any partition.</summary>
    private async Task<bool> HasOpenEntryAsync(Consumer consumer, PayloadOrigin origin, CancellationToken cancellationToken)
    {
        var query = StoreQueries.OpenDeadLetterOfEvent(new ConsumerName(consumer.Name), new CloudEventId(origin.EventId));
        using var read = await _stores[consumer.Service].QueryAsync(query, null, 1, cancellationToken);
        return read.Count > 0;
    }

    /// <summary>Listed before it is read: a store that holds nothing need not even be there.</summary>
    private async Task<string?> ReadPositionAsync(CancellationToken cancellationToken)
    {
        var found = await _payloads.ListAsync(PositionName, null, cancellationToken);
        var position = found.Items.Count == 0 ? null : await _payloads.GetAsync(PositionName, cancellationToken);
        return position is { Length: > 0 } bytes ? Encoding.UTF8.GetString(bytes.Span) : null;
    }
}

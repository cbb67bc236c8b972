using System.Text.Json;
using Microsoft.Extensions.Logging;
using Pipeline.Local.Journal;

namespace Pipeline.Local.EventGrid;

/// <summary>
/// The topic's changes on disk: one record for every call, with one operation for every change that the call makes.
/// Used under the topic's lock, before the changes are made in memory.
/// </summary>
internal sealed class TopicJournal(ILogger log) : IDisposable
{
    private const long CompactAboveBytes = 64 * 1024 * 1024;
    private const double CompactAboveLiveTimes = 2.5;
    private const int DeliveryBytes = 200;

    private readonly RecordWriter _record = new();
    private Journal.Journal? _journal;
    private long _compactAbove = CompactAboveBytes;

    /// <summary>About what the events that are still to be delivered or dead-lettered take in memory, in bytes.</summary>
    public long LiveBytes { get; private set; }

    /// <summary>Bytes on disk; 0 in memory.</summary>
    public long LengthBytes => _journal?.LengthBytes ?? 0;

    private bool Keeps => _journal is not null;

    /// <summary>Opens the file, replaying it into <paramref name="replay"/>. Without a path nothing is kept.</summary>
    public void Open(string? path, TopicReplay replay)
    {
        if (path is not null)
            _journal = Journal.Journal.Open(path, record => replay.Apply(record.Span), log);
    }

    /// <summary>Starts the record of a call, dropping what a failed call has left behind.</summary>
    public void Begin() => _record.Clear();

    /// <summary>Writes the record. When this returns, it survives the end of the process.</summary>
    /// <exception cref="IOException">It could not be written; nothing of it is kept.</exception>
    public void Commit()
    {
        if (Keeps && _record.Length > 0)
            _journal!.Append(_record.Written);
    }

    /// <summary>For tests: see <see cref="Journal.Journal.FailNextAppendAfterBytes"/>.</summary>
    public void FailNextAppend(int afterBytes) => _journal!.FailNextAppendAfterBytes = afterBytes;

    public void Dispose() => _journal?.Dispose();

    public void Subscribe(EventSubscription subscription)
    {
        if (!Start(TopicOperation.Subscribe))
            return;
        _record.Number(subscription.Id);
        _record.Text(subscription.Name);
        _record.Byte((byte)subscription.State);
        _record.Text(subscription.Endpoint?.OriginalString);
        _record.Text(subscription.Settings is WebhookSubscription webhook ? JsonSerializer.Serialize(webhook, EventGridTopology.Json) : null);
    }

    public void Unsubscribe(EventSubscription subscription)
    {
        if (Start(TopicOperation.Unsubscribe))
            _record.Number(subscription.Id);
    }

    public void Publish(StoredEvent stored, IReadOnlyList<Delivery> deliveries)
    {
        if (!Start(TopicOperation.Publish))
            return;
        _record.Number(stored.Number);
        _record.Number(stored.PublishedTicks);
        _record.Bytes(stored.Json);
        _record.Number(deliveries.Count);
        foreach (var delivery in deliveries)
        {
            _record.Number(delivery.Subscription.Id);
            _record.Byte(delivery.DeadLetterReason is null ? (byte)0 : (byte)1);
            WriteAttempts(delivery.FailedAttempts, delivery.NextAttemptTicks, delivery.LastOutcome);
            if (delivery.DeadLetterReason is { } reason)
                WriteReason(reason, delivery.GivenUpTicks);
        }
    }

    public void Fail(Delivery delivery, int failedAttempts, long nextAttemptTicks, string outcome)
    {
        if (Start(TopicOperation.Fail, delivery))
            WriteAttempts(failedAttempts, nextAttemptTicks, outcome);
    }

    public void GiveUp(Delivery delivery, int failedAttempts, string? outcome, string reason, long ticks)
    {
        if (!Start(TopicOperation.GiveUp, delivery))
            return;
        WriteAttempts(failedAttempts, delivery.NextAttemptTicks, outcome);
        WriteReason(reason, ticks);
    }

    public void Remove(Delivery delivery) => Start(TopicOperation.Remove, delivery);

    /// <summary>Counts an event with its first delivery, and each delivery.</summary>
    public void Added(Delivery delivery)
    {
        if (delivery.Event.Deliveries++ == 0)
            LiveBytes += delivery.Event.Json.Length;
        LiveBytes += DeliveryBytes;
    }

    public void Removed(Delivery delivery)
    {
        if (--delivery.Event.Deliveries == 0)
            LiveBytes -= delivery.Event.Json.Length;
        LiveBytes -= DeliveryBytes;
    }

    /// <summary>Rewrites the file as soon as most of it is of no use any more.</summary>
    public void CompactIfWorthwhile(IReadOnlyCollection<EventSubscription> subscriptions)
    {
        if (LengthBytes <= _compactAbove || LengthBytes <= LiveBytes * CompactAboveLiveTimes)
            return;
        Compact(subscriptions);
    }

    /// <summary>Rewrites the file with what is live.</summary>
    public void Compact(IReadOnlyCollection<EventSubscription> subscriptions)
    {
        if (!Keeps)
            return;
        var before = LengthBytes;
        try
        {
            _journal!.Rewrite(Snapshot(subscriptions));
            _compactAbove = CompactAboveBytes;
            log.LogInformation("Event Grid journal compacted from {Before} to {After} bytes.", before, LengthBytes);
        }
        catch (IOException error)
        {
            // The old file is complete and stays in use. Trying again on every call would only fill the log.
            _compactAbove = before + CompactAboveBytes;
            log.LogWarning(error, "The Event Grid journal of {Bytes} bytes could not be compacted.", before);
        }
    }

    /// <summary>The live state as records, each valid until the next is asked for.</summary>
    private IEnumerable<ReadOnlyMemory<byte>> Snapshot(IReadOnlyCollection<EventSubscription> subscriptions)
    {
        Begin();
        foreach (var subscription in subscriptions)
            Subscribe(subscription);
        yield return _record.WrittenMemory;

        var byEvent = subscriptions.SelectMany(s => s.Deliveries.Values).GroupBy(d => d.Event, ReferenceEqualityComparer.Instance);
        foreach (var deliveries in byEvent)
        {
            Begin();
            Publish((StoredEvent)deliveries.Key!, [.. deliveries]);
            yield return _record.WrittenMemory;
        }
    }

    private void WriteAttempts(int failedAttempts, long nextAttemptTicks, string? outcome)
    {
        _record.Number(failedAttempts);
        _record.Number(nextAttemptTicks);
        _record.Text(outcome);
    }

    private void WriteReason(string reason, long ticks)
    {
        _record.Text(reason);
        _record.Number(ticks);
    }

    private bool Start(TopicOperation operation)
    {
        if (Keeps)
            _record.Byte((byte)operation);
        return Keeps;
    }

    private bool Start(TopicOperation operation, Delivery delivery)
    {
        if (!Start(operation))
            return false;
        _record.Number(delivery.Subscription.Id);
        _record.Number(delivery.Event.Number);
        return true;
    }
}

using Microsoft.Extensions.Logging;
using Pipeline.Local.Journal;

namespace Pipeline.Local.ServiceBus;

/// <summary>
/// The broker's changes on disk: one record for every call, with one operation for every change that the call makes.
/// Used under the broker's lock, before the changes are made in memory.
/// </summary>
internal sealed class BrokerJournal(ILogger log) : IDisposable
{
    private const long CompactAboveBytes = 64 * 1024 * 1024;
    private const long RecheckBytes = 1024 * 1024;
    private const double CompactAboveLiveTimes = 2.5;
    private const int CopyBytes = 24;
    private const int AcceptedBytes = 26;

    private readonly RecordWriter _record = new();
    private Journal.Journal? _journal;
    private long _compactAbove = CompactAboveBytes;

    /// <summary>Bytes of the records that a compaction would keep, about.</summary>
    public long LiveBytes { get; set; }

    /// <summary>Bytes on disk; 0 in memory.</summary>
    public long LengthBytes => _journal?.LengthBytes ?? 0;

    /// <summary>Whether there is a file.</summary>
    public bool Keeps { get; private set; }

    /// <summary>Opens the file, replaying it into <paramref name="replay"/>. Without a path nothing is kept.</summary>
    public void Open(string? path, JournalReplay replay)
    {
        if (path is null)
            return;
        _journal = Journal.Journal.Open(path, record => replay.Apply(record.Span), log);
        Keeps = true;
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

    public void Define(BrokerEntity entity)
    {
        if (!Start(JournalOperation.Define, entity))
            return;
        _record.Byte(entity is BrokerTopic ? (byte)1 : (byte)0);
        _record.Text(entity.Name);
    }

    public void Forget(BrokerEntity entity) => Start(JournalOperation.Forget, entity);

    public void Enqueue(StoredMessage stored, IReadOnlyList<Copy> copies, int first, int count)
    {
        if (!Start(stored.BodyKind == BodyKind.Data ? JournalOperation.EnqueueWithLifetime : JournalOperation.EnqueueWithBodyKind))
            return;
        MessageCodec.Write(_record, stored);
        _record.Number(count);
        for (var i = first; i < first + count; i++)
        {
            var (queue, message) = copies[i];
            _record.Number(queue.Id);
            _record.Number(message.SequenceNumber);
            _record.Number(message.FailedDeliveries);
            var flags = (message.IsDeferred ? CopyFlags.Deferred : CopyFlags.None)
                | (message.IsDelivered ? CopyFlags.Delivered : CopyFlags.None)
                | (message.HasOwnProperties ? CopyFlags.Properties : CopyFlags.None)
                | (message.ExpiresTicks != BrokerMessage.Never ? CopyFlags.Expires : CopyFlags.None)
                | (message.DeadLetterSource is not null ? CopyFlags.DeadLetterSource : CopyFlags.None);
            _record.Byte((byte)flags);
            if (message.HasOwnProperties)
                MessageCodec.WriteProperties(_record, message.Properties);
            if (message.ExpiresTicks != BrokerMessage.Never)
                _record.Number(message.ExpiresTicks);
            if (message.DeadLetterSource is not null)
                _record.Text(message.DeadLetterSource);
        }
    }

    public void Schedule(ScheduledMessage scheduled)
    {
        var operation = scheduled.Stored.BodyKind == BodyKind.Data ? JournalOperation.ScheduleWithLifetime : JournalOperation.ScheduleWithBodyKind;
        if (Start(operation, scheduled.Entity, scheduled.SequenceNumber))
            MessageCodec.Write(_record, scheduled.Stored);
    }

    public void Unschedule(ScheduledMessage scheduled) =>
        Start(JournalOperation.Unschedule, scheduled.Entity, scheduled.SequenceNumber);

    public void Deliver(BrokerQueue queue, BrokerMessage message) => Start(JournalOperation.Deliver, queue, message.SequenceNumber);

    public void Release(BrokerQueue queue, BrokerMessage message) => Start(JournalOperation.Release, queue, message.SequenceNumber);

    public void Remove(BrokerQueue queue, BrokerMessage message) => Start(JournalOperation.Remove, queue, message.SequenceNumber);

    public void Fail(BrokerQueue queue, BrokerMessage message, IReadOnlyDictionary<string, object>? properties)
    {
        if (Start(JournalOperation.Fail, queue, message.SequenceNumber))
            WriteOptional(properties);
    }

    public void Defer(BrokerQueue queue, BrokerMessage message, IReadOnlyDictionary<string, object>? properties)
    {
        if (Start(JournalOperation.Defer, queue, message.SequenceNumber))
            WriteOptional(properties);
    }

    public void DeadLetter(BrokerQueue queue, BrokerMessage message, int failedDeliveries, IReadOnlyDictionary<string, object> properties)
    {
        if (!Start(JournalOperation.DeadLetter, queue, message.SequenceNumber))
            return;
        _record.Number(queue.DeadLetters!.Id);
        _record.Number(failedDeliveries);
        MessageCodec.WriteProperties(_record, properties);
    }

    public void SessionState(BrokerQueue queue, string sessionId, BinaryData? state)
    {
        if (!Start(JournalOperation.SessionState, queue))
            return;
        _record.Text(sessionId);
        _record.Byte(state is null ? (byte)0 : (byte)1);
        if (state is not null)
            _record.Bytes(state);
    }

    public void Accepted(BrokerEntity entity, MessageDigest digest, long ticks)
    {
        if (!Start(JournalOperation.Accepted, entity))
            return;
        _record.Fixed64(digest.High);
        _record.Fixed64(digest.Low);
        _record.Fixed64(ticks);
    }

    /// <param name="kind">What it is.</param>
    /// <param name="name">Its name.</param>
    /// <param name="json">Its definition; <see langword="null"/>: it is gone.</param>
    public void RuntimeEntity(EntityKind kind, string name, string? json)
    {
        if (!Start(JournalOperation.RuntimeEntity))
            return;
        _record.Byte((byte)kind);
        _record.Text(name);
        _record.Text(json);
    }

    public void Rules(BrokerQueue subscription, RuntimeRules? rules)
    {
        if (!Start(JournalOperation.Rules, subscription))
            return;
        _record.Text(rules?.Json);
        _record.Text(rules?.TopologyJson);
    }

    public void NextSequenceNumber(BrokerEntity entity) =>
        Start(JournalOperation.NextSequenceNumber, entity, entity.NextSequenceNumber);

    /// <summary>Rewrites the file to the live state if most of it is garbage. Call between calls, when memory and file agree.</summary>
    public void Compact(IReadOnlyList<BrokerEntity> entities, IReadOnlyCollection<RuntimeEntity> runtime)
    {
        if (LengthBytes <= _compactAbove)
            return;
        // Asked again a little later: the sum over the entities is not for every call.
        _compactAbove = LengthBytes + RecheckBytes;
        var live = LiveBytes + entities.Sum(e => (long)(e.History?.Count ?? 0) * AcceptedBytes);
        if (LengthBytes <= live * CompactAboveLiveTimes)
            return;
        var before = LengthBytes;
        try
        {
            _journal!.Rewrite(new JournalSnapshot(this, _record, entities, runtime).Records());
            _compactAbove = CompactAboveBytes;
            log.LogInformation("Service Bus journal compacted from {Before} to {After} bytes.", before, LengthBytes);
        }
        catch (IOException error)
        {
            // The old file is complete and stays in use. Trying again on every call would only fill the log.
            _compactAbove = before + CompactAboveBytes;
            log.LogWarning(error, "The Service Bus journal of {Bytes} bytes could not be compacted.", before);
        }
    }

    /// <summary>What a message adds to <see cref="LiveBytes"/> with its first copy, and each copy adds.</summary>
    public void Counted(StoredMessage stored, int copies)
    {
        if (stored.Copies == 0)
            LiveBytes += stored.RecordBytes;
        stored.Copies += copies;
        LiveBytes += copies * CopyBytes;
        if (stored.Copies == 0)
            LiveBytes -= stored.RecordBytes;
    }

    private bool Start(JournalOperation operation)
    {
        if (Keeps)
            _record.Byte((byte)operation);
        return Keeps;
    }

    private bool Start(JournalOperation operation, BrokerEntity entity)
    {
        if (Start(operation))
            _record.Number(entity.Id);
        return Keeps;
    }

    private bool Start(JournalOperation operation, BrokerEntity entity, long sequenceNumber)
    {
        if (Start(operation, entity))
            _record.Number(sequenceNumber);
        return Keeps;
    }

    private void WriteOptional(IReadOnlyDictionary<string, object>? properties)
    {
        _record.Byte(properties is null ? (byte)0 : (byte)1);
        if (properties is not null)
            MessageCodec.WriteProperties(_record, properties);
    }
}

namespace Pipeline.Local.ServiceBus;

/// <content>Accepting messages.</content>
internal sealed partial class Broker
{
    private readonly List<ScheduledMessage> _scheduledNow = [];
    private readonly HashSet<(BrokerEntity Entity, MessageDigest Digest)> _acceptedIds = [];

    /// <summary>What the call that is under way enqueues.</summary>
    private List<Copy> _copies = [];
    private List<Copy>? _spareCopies;

    /// <summary>
    /// Accepts messages at a queue or topic: all of them or none. Returns their numbers, by which what is scheduled can be
    /// cancelled.
    /// </summary>
    /// <param name="path">The queue or topic.</param>
    /// <param name="messages">The messages.</param>
    /// <param name="transaction">The transaction that they are part of, if any: then they are accepted when it commits.</param>
    /// <param name="cancellationToken">Ends the wait for a fault that a test injects.</param>
    /// <param name="isMeasured">Whether their size is known to be within the limit, so that it need not be estimated.</param>
    /// <exception cref="BrokerException">There is no such entity, they are too large, or they could not be written.</exception>
    /// <exception cref="ArgumentException">A message cannot be.</exception>
    public async Task<IReadOnlyList<long>> SendAsync(
        string path, IReadOnlyList<MessageToSend> messages, BrokerTransaction? transaction, CancellationToken cancellationToken, bool isMeasured = false)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var (entity, stored) = Check(path, messages, isMeasured);
        if (transaction is not null)
            return transaction.Send(entity, stored);
        var fault = OnSend is null ? SendFault.None : await OnSend(entity.Name, messages);
        if (fault is { IsAccepted: false, Error: { } refused })
            throw refused;
        var numbers = Accept(entity, stored);
        OnAccepted?.Invoke(entity.Name, messages);
        return fault.Error is { } lost ? throw lost : numbers;
    }

    /// <exception cref="BrokerException">There is no such queue or topic.</exception>
    /// <exception cref="InvalidOperationException">Nothing can be sent there.</exception>
    public void EnsureDestination(string path)
    {
        using var held = Enter(out _);
        Destination(path);
    }

    /// <summary>Takes scheduled messages back: all of them or none.</summary>
    public void CancelScheduled(string path, IReadOnlyList<long> sequenceNumbers, BrokerTransaction? transaction)
    {
        var entity = Destination(path);
        using var held = Enter(out _);
        var scheduled = sequenceNumbers.Distinct().Select(number => ScheduledUnder(entity, number)).ToList();
        if (transaction is not null)
        {
            transaction.Cancel(scheduled);
            return;
        }

        Begin();
        foreach (var message in scheduled)
            _journal.Unschedule(message);
        Commit(entity);
        foreach (var message in scheduled)
            Unschedule(message);
    }

    /// <summary>Enqueues a scheduled message whose time has come, as if it had been sent now.</summary>
    internal void EnqueueScheduled(ScheduledMessage scheduled, DateTimeOffset now)
    {
        var stored = scheduled.Stored.Again();
        Begin();
        _journal.Unschedule(scheduled);
        Stamp(scheduled.Entity, stored, now);
        Route(scheduled.Entity, stored, Transfer.None);
        var copies = Commit(scheduled.Entity);
        Unschedule(scheduled);
        Enqueue(copies);
    }

    private static ScheduledMessage ScheduledUnder(BrokerEntity entity, long number) =>
        entity.Scheduled.TryGetValue(number, out var scheduled)
            ? scheduled
            : throw new BrokerException(
                string.Create(CultureInfo.InvariantCulture, $"No message is scheduled under {number}."),
                BrokerFailure.MessageNotFound, entity.Path);

    private BrokerEntity Destination(string path)
    {
        var entity = Entity(path);
        if (entity is BrokerQueue { DeadLetters: null } || !string.Equals(entity.Name, entity.Path, StringComparison.Ordinal))
            throw new InvalidOperationException($"Nothing can be sent to '{path}': send to its queue or topic.");
        return entity;
    }

    private (BrokerEntity Entity, StoredMessage[] Stored) Check(string path, IReadOnlyList<MessageToSend> messages, bool isMeasured)
    {
        var entity = Destination(path);
        var size = messages.Count > 1 ? MessageSize.BatchEnvelopeBytes : 0;
        var stored = new StoredMessage[messages.Count];
        for (var i = 0; i < stored.Length; i++)
        {
            var message = messages[i];
            message.Check();
            if (message.SessionId is null && entity is BrokerQueue { RequiresSession: true })
                throw new InvalidOperationException($"'{entity.Name}' requires sessions: a message sent to it needs a SessionId.");
            size += messages.Count > 1 ? MessageSize.InBatch(message) : MessageSize.Of(message);
            stored[i] = StoredMessage.Of(message);
        }

        if (size > MessageSize.MaxBytes && !isMeasured)
        {
            throw new BrokerException(
                string.Create(CultureInfo.InvariantCulture,
                    $"The message or batch has about {size} bytes; the limit is {MessageSize.MaxBytes}."),
                BrokerFailure.MessageSizeExceeded,
                entity.Path);
        }

        return (entity, stored);
    }

    private long[] Accept(BrokerEntity entity, StoredMessage[] messages)
    {
        using var held = Enter(out var now);
        Begin();
        var numbers = new long[messages.Length];
        for (var i = 0; i < messages.Length; i++)
            numbers[i] = Plan(entity, messages[i], now);
        Enqueue(Commit(entity));
        return numbers;
    }

    /// <summary>Works out what a message becomes; returns its number. Nothing is changed but the next numbers.</summary>
    /// <param name="entity">The queue or topic.</param>
    /// <param name="stored">The message.</param>
    /// <param name="now">The time.</param>
    /// <param name="number">Its number, if it has been promised one already.</param>
    private long Plan(BrokerEntity entity, StoredMessage stored, DateTimeOffset now, long? number = null)
    {
        // A duplicate is accepted like any other message, and then dropped.
        if (!AcceptId(entity, stored, now))
            return number ?? entity.NextSequenceNumber++;
        if (stored.ScheduledEnqueueTime > now)
        {
            var scheduled = new ScheduledMessage(entity, number ?? entity.NextSequenceNumber++, stored);
            _journal.Schedule(scheduled);
            _scheduledNow.Add(scheduled);
            return scheduled.SequenceNumber;
        }

        Stamp(entity, stored, now, number);
        var first = _copies.Count;
        Route(entity, stored, Transfer.None);
        PlanDuplicates(first);
        PlanLateDuplicates(first, _copies.Count - first);
        return stored.EnqueuedSequenceNumber;
    }

    /// <summary>Whether the message's id is new to the entity; it is remembered when the call is committed.</summary>
    private bool AcceptId(BrokerEntity entity, StoredMessage stored, DateTimeOffset now)
    {
        if (entity.History is not { } history || stored.Digest is not { } digest)
            return true;
        if (history.Contains(digest, now.UtcTicks) || !_acceptedIds.Add((entity, digest)))
            return false;
        _journal.Accepted(entity, digest, now.UtcTicks);
        return true;
    }

    private static void Stamp(BrokerEntity entity, StoredMessage stored, DateTimeOffset now, long? number = null)
    {
        stored.EnqueuedTime = now;
        stored.EnqueuedSequenceNumber = number ?? entity.NextSequenceNumber++;
        if (stored.TimeToLive > entity.TimeToLive)
            stored.TimeToLive = entity.TimeToLive;
    }

    /// <summary>Starts the record of a call, dropping what a failed call has left behind.</summary>
    private void Begin()
    {
        _journal.Begin();
        _copies.Clear();
        _scheduledNow.Clear();
        _acceptedIds.Clear();
    }

    /// <summary>
    /// Writes the record of a call, or turns the failure into the exception that callers know. Remembers the ids and
    /// schedules what was planned; what is to be enqueued is returned, because the caller's own changes come first.
    /// </summary>
    private List<Copy> Commit(BrokerEntity? entity)
    {
        for (int first = 0, end; first < _copies.Count; first = end)
        {
            var stored = _copies[first].Message.Stored;
            for (end = first + 1; end < _copies.Count && ReferenceEquals(_copies[end].Message.Stored, stored);)
                end++;
            _journal.Enqueue(stored, _copies, first, end - first);
        }

        WriteRecord(entity);
        var ticks = _clock.GetUtcNow().UtcTicks;
        foreach (var (accepting, digest) in _acceptedIds)
            accepting.History!.Add(digest, ticks);
        foreach (var scheduled in _scheduledNow)
            Schedule(scheduled);

        // Not this list again before it has been enqueued: that lets other calls happen, which plan copies of their own.
        var copies = _copies;
        _copies = _spareCopies ?? [];
        _spareCopies = null;
        return copies;
    }

    private void Enqueue(List<Copy> copies)
    {
        foreach (var (queue, message) in copies)
            Enqueue(queue, message);

        // Only now, so that a receiver who waits for several messages gets all that came together.
        foreach (var (queue, message) in copies)
            Dispatch(queue, message.Session);
        copies.Clear();
        _spareCopies = copies;
    }

    private void Schedule(ScheduledMessage scheduled)
    {
        scheduled.Entity.Scheduled.Add(scheduled.SequenceNumber, scheduled);
        _journal.Counted(scheduled.Stored, 1);
        _due.Set(scheduled, scheduled.Stored.ScheduledEnqueueTime.UtcTicks);
    }

    private void Unschedule(ScheduledMessage scheduled)
    {
        scheduled.Entity.Scheduled.Remove(scheduled.SequenceNumber);
        _journal.Counted(scheduled.Stored, -1);
        _due.Remove(scheduled);
    }
}

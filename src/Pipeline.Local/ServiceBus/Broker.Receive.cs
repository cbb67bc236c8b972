using System.Runtime.InteropServices;

namespace Pipeline.Local.ServiceBus;

/// <content>Receiving and peeking.</content>
internal sealed partial class Broker
{
    /// <summary>Receives up to <paramref name="max"/> messages as soon as there is one; none if none comes in time.</summary>
    /// <param name="path">The queue, subscription or dead-letter queue.</param>
    /// <param name="session">The session to receive from, where there are sessions.</param>
    /// <param name="max">The most to receive.</param>
    /// <param name="wait">How long to wait; <see cref="Timeout.InfiniteTimeSpan"/>: without an end.</param>
    /// <param name="delete">Whether messages are gone with the delivery, instead of locked.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="isRemote">Whether who waits is no host of functions: quiet does not depend on it.</param>
    public Task<IReadOnlyList<BrokerDelivery>> ReceiveAsync(
        string path, SessionLock? session, int max, TimeSpan wait, bool delete, CancellationToken cancellationToken, bool isRemote = false)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var received = Receive(path, session, max, wait, delete, isRemote, out var waiter);
        return received is null
            ? WaitAsync(waiter!, cancellationToken)
            : Task.FromResult<IReadOnlyList<BrokerDelivery>>(received);
    }

    /// <summary>Receives what is there; or, where nothing is, begins to wait without an end: see <see cref="EndWait"/>.</summary>
    public IReadOnlyList<BrokerDelivery>? ReceiveOrWait(string path, SessionLock? session, int max, bool delete, out MessageWaiter? waiter) =>
        Receive(path, session, max, Timeout.InfiniteTimeSpan, delete, isRemote: true, out waiter);

    /// <summary>Ends a wait. When this returns, its task has ended: with what it has been given at that moment, or cancelled.</summary>
    public void EndWait(MessageWaiter waiter)
    {
        lock (_gate)
        {
            if (!waiter.Waits)
                return;
            waiter.Leave();
            _due.Remove(waiter);
            waiter.Cancel(CancellationToken.None);
        }
    }

    /// <exception cref="BrokerException">There is no such entity.</exception>
    public void EnsureExists(string path)
    {
        using var held = Enter(out _);
        Entity(path);
    }

    /// <exception cref="BrokerException">There is no such entity.</exception>
    /// <exception cref="InvalidOperationException">Nothing can be received from it, or only with sessions, or only without.</exception>
    public void EnsureReceivable(string path, bool withSession)
    {
        using var held = Enter(out _);
        var queue = Queue(path);
        RefuseForwarding(queue);
        if (queue.RequiresSession && !withSession)
            throw new InvalidOperationException($"'{queue.Path}' requires sessions: accept one to receive or settle.");
        if (!queue.RequiresSession && withSession)
            throw new InvalidOperationException($"'{queue.Path}' has no sessions: receive from it without one.");
    }

    /// <summary>Deletes messages that can be received and were enqueued before a time; returns how many.</summary>
    public int DeleteMessages(string path, int max, DateTimeOffset enqueuedBefore)
    {
        using var held = Enter(out _);
        var queue = ReceivableQueue(path, session: null);
        var messages = queue.Messages.From(0).Where(m => m.IsAvailable && m.Stored.EnqueuedTime < enqueuedBefore).Take(max).ToList();
        RecordDelivery(queue, messages, delete: true);
        foreach (var message in messages)
        {
            queue.Available.Remove(message);
            Forget(queue, message);
        }

        Emptied(queue, session: null);
        return messages.Count;
    }

    /// <summary>Receives deferred messages: all of them or none.</summary>
    public IReadOnlyList<BrokerDelivery> ReceiveDeferred(
        string path, SessionLock? session, IReadOnlyList<long> sequenceNumbers, bool delete)
    {
        using var held = Enter(out var now);
        var queue = ReceivableQueue(path, session);
        var messages = new List<BrokerMessage>(sequenceNumbers.Count);
        foreach (var number in sequenceNumbers.Distinct())
        {
            if (queue.Messages.Find(number) is not { IsDeferred: true, IsDelivered: false } message || message.Session != session?.Session)
            {
                throw new BrokerException(
                    string.Create(CultureInfo.InvariantCulture, $"No message is deferred under {number}."),
                    BrokerFailure.MessageNotFound, queue.Path);
            }

            messages.Add(message);
        }

        RecordDelivery(queue, messages, delete);
        queue.DeferredCount -= messages.Count;
        return Deliver(queue, session, messages, delete, now);
    }

    /// <summary>Looks at messages from a sequence number on, whatever their state.</summary>
    public IReadOnlyList<BrokerDelivery> Peek(string path, string? sessionId, int max, long fromSequenceNumber)
    {
        using var held = Enter(out _);
        var queue = Queue(path);
        var messages = queue.Messages.From(fromSequenceNumber)
            .Where(message => sessionId is null || string.Equals(message.Stored.SessionId, sessionId, StringComparison.Ordinal))
            .Take(max)
            .Select(message => message.ToPeeked())
            .ToList();
        if (queue.Scheduled.Count == 0)
            return messages;
        var scheduled = queue.Scheduled.Values
            .Where(s => s.SequenceNumber >= fromSequenceNumber)
            .Where(s => sessionId is null || string.Equals(s.Stored.SessionId, sessionId, StringComparison.Ordinal))
            .Select(s => new BrokerDelivery(s.Stored, s.Stored.Properties)
            {
                SequenceNumber = s.SequenceNumber,
                State = BrokerMessageState.Scheduled,
            });
        return [.. messages.Concat(scheduled).OrderBy(message => message.SequenceNumber).Take(max)];
    }

    /// <summary>Extends a message's lock; returns until when.</summary>
    public DateTimeOffset RenewMessageLock(string path, Guid lockToken)
    {
        using var held = Enter(out var now);
        var locked = LockedMessage(ReceivableQueue(path, session: null), null, lockToken);
        _due.Set(locked.Lock!, (now + Queue(path).LockDuration).UtcTicks);
        return locked.Lock!.LockedUntil;
    }

    private BrokerDelivery[]? Receive(
        string path, SessionLock? session, int max, TimeSpan wait, bool delete, bool isRemote, out MessageWaiter? waiter)
    {
        waiter = null;
        using var held = Enter(out var now);
        var queue = ReceivableQueue(path, session);
        var receivers = session?.Receivers ?? queue.Receivers;
        if (receivers.Count == 0 && (session?.Session.Available ?? queue.Available).Count > 0)
            return Take(queue, session, max, delete, now);
        waiter = new MessageWaiter(receivers, max, delete) { IsRemote = isRemote };
        waiter.Join();
        if (wait != Timeout.InfiniteTimeSpan)
            _due.Set(waiter, (now + wait).UtcTicks);
        return null;
    }

    private BrokerQueue ReceivableQueue(string path, SessionLock? session)
    {
        if (session is not null)
        {
            EnsureHeld(session);
            return session.Queue;
        }

        var queue = Queue(path);
        RefuseForwarding(queue);
        return queue.RequiresSession
            ? throw new InvalidOperationException($"'{queue.Path}' requires sessions: accept one to receive or settle.")
            : queue;
    }

    private static void RefuseForwarding(BrokerQueue queue)
    {
        if (queue.ForwardTo is { } target)
            throw new InvalidOperationException($"Nothing can be received from '{queue.Path}', which forwards everything to '{target.Name}'.");
    }

    private BrokerDelivery[] Take(BrokerQueue queue, SessionLock? session, int max, bool delete, DateTimeOffset now)
    {
        var available = session?.Session.Available ?? queue.Available;
        var taken = new List<BrokerMessage>(Math.Min(max, available.Count));
        while (taken.Count < max && available.Count > 0)
            taken.Add(available.Take());
        try
        {
            RecordDelivery(queue, taken, delete);
        }
        catch
        {
            foreach (var message in taken)
                available.Add(message);
            throw;
        }

        return Deliver(queue, session, taken, delete, now);
    }

    private void RecordDelivery(BrokerQueue queue, List<BrokerMessage> messages, bool delete)
    {
        _journal.Begin();
        foreach (var message in messages)
        {
            if (delete)
                _journal.Remove(queue, message);
            else
                _journal.Deliver(queue, message);
        }

        WriteRecord(queue);
    }

    private BrokerDelivery[] Deliver(
        BrokerQueue queue, SessionLock? session, List<BrokerMessage> messages, bool delete, DateTimeOffset now)
    {
        var received = new BrokerDelivery[messages.Count];
        for (var i = 0; i < received.Length; i++)
        {
            var message = messages[i];
            if (!delete)
                LockMessage(queue, session, message, now);
            received[i] = message.ToReceived(session);
            if (delete)
                Forget(queue, message);
        }

        if (delete)
            Emptied(queue, session?.Session);
        return received;
    }

    /// <summary>A token that no other delivery gets, in this run or another, and that tells which message it locks.</summary>
    private Guid NextLockToken(long sequenceNumber)
    {
        Span<long> token = [_tokenSeed + ++_tokens, sequenceNumber];
        return new Guid(MemoryMarshal.AsBytes(token));
    }

    private static long SequenceNumberOf(Guid lockToken)
    {
        Span<long> token = stackalloc long[2];
        lockToken.TryWriteBytes(MemoryMarshal.AsBytes(token));
        return token[1];
    }

    private void LockMessage(BrokerQueue queue, SessionLock? session, BrokerMessage message, DateTimeOffset now)
    {
        message.IsDelivered = true;
        message.LockToken = NextLockToken(message.SequenceNumber);
        queue.LockedCount++;
        (session?.Locked ?? queue.Locked).Add(message);
        if (session is not null)
            return;
        message.Lock = new MessageLock(queue, message);
        _due.Set(message.Lock, (now + queue.LockDuration).UtcTicks);
    }
}

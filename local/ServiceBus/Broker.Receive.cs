using Azure.Messaging.ServiceBus;

namespace Pipeline.Local.ServiceBus;

/// <content>Accepting sessions, receiving and peeking.</content>
internal sealed partial class Broker
{
    /// <summary>Locks a session: the given one, or the one that has waited longest, waiting for one to have a message.</summary>
    public Task<SessionLock> AcceptSessionAsync(string path, string? sessionId, TimeSpan wait, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var accepted = AcceptSession(path, sessionId, wait, out var waiter);
        return accepted is null ? WaitAsync(waiter!, cancellationToken) : Task.FromResult(accepted);
    }

    /// <summary>Receives up to <paramref name="max"/> messages as soon as there is one; none if none comes in time.</summary>
    public Task<IReadOnlyList<ServiceBusReceivedMessage>> ReceiveAsync(
        string path, SessionLock? session, int max, TimeSpan wait, bool delete, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var received = Receive(path, session, max, wait, delete, out var waiter);
        return received is null ? WaitAsync(waiter!, cancellationToken) : Task.FromResult<IReadOnlyList<ServiceBusReceivedMessage>>(received);
    }

    /// <summary>Receives deferred messages: all of them or none.</summary>
    public IReadOnlyList<ServiceBusReceivedMessage> ReceiveDeferred(
        string path, SessionLock? session, IReadOnlyList<long> sequenceNumbers, bool delete)
    {
        using var held = Enter(out var now);
        var queue = ReceivableQueue(path, session);
        var messages = new List<BrokerMessage>(sequenceNumbers.Count);
        foreach (var number in sequenceNumbers.Distinct())
        {
            if (queue.Messages.Find(number) is not { IsDeferred: true, IsDelivered: false } message || message.Session != session?.Session)
            {
                throw new ServiceBusException(
                    $"No message is deferred under {number}.", ServiceBusFailureReason.MessageNotFound, queue.Path);
            }

            messages.Add(message);
        }

        RecordDelivery(queue, messages, delete);
        queue.DeferredCount -= messages.Count;
        return Deliver(queue, session, messages, delete, now);
    }

    /// <summary>Looks at messages from a sequence number on, whatever their state.</summary>
    public IReadOnlyList<ServiceBusReceivedMessage> Peek(string path, SessionLock? session, int max, long fromSequenceNumber)
    {
        using var held = Enter(out _);
        var queue = Queue(path);
        var messages = queue.Messages.From(fromSequenceNumber)
            .Where(message => session is null || message.Session == session.Session)
            .Take(max)
            .Select(message => message.ToPeeked())
            .ToList();
        if (queue.Scheduled.Count == 0)
            return messages;
        var scheduled = queue.Scheduled.Values
            .Where(s => s.SequenceNumber >= fromSequenceNumber)
            .Where(s => session is null || string.Equals(s.Stored.SessionId, session.SessionId, StringComparison.Ordinal))
            .Select(s => new ServiceBusReceivedMessage(s.Stored, s.Stored.Properties)
            {
                SequenceNumber = s.SequenceNumber,
                State = ServiceBusMessageState.Scheduled,
            });
        return [.. messages.Concat(scheduled).OrderBy(message => message.SequenceNumber).Take(max)];
    }

    /// <summary>Releases a session at once. What it has received and not settled becomes available again, at no cost.</summary>
    public void Release(SessionLock session)
    {
        lock (_gate)
        {
            if (_closed || !session.IsHeld)
                return;
            using var held = Enter(out _);

            // Entering lets due things happen, and one of them may have been the end of this very lock.
            if (!session.IsHeld)
                return;
            _journal.Begin();
            foreach (var message in session.Locked.All)
                _journal.Release(session.Queue, message);
            Commit(session.Queue);
            while (session.Locked.Count > 0)
                Return(session.Queue, session.Locked.All[^1]);
            EndLock(session);
        }
    }

    /// <summary>Extends a session's lock.</summary>
    public void RenewSessionLock(SessionLock session)
    {
        using var held = Enter(out var now);
        EnsureHeld(session);
        _due.Set(session, (now + session.Queue.LockDuration).UtcTicks);
    }

    /// <summary>Extends a message's lock; returns until when.</summary>
    public DateTimeOffset RenewMessageLock(string path, ServiceBusReceivedMessage message)
    {
        using var held = Enter(out var now);
        var locked = LockedMessage(ReceivableQueue(path, session: null), null, message);
        _due.Set(locked.Lock!, (now + Queue(path).LockDuration).UtcTicks);
        return locked.Lock!.LockedUntil;
    }

    /// <summary>The state of a session, or <see langword="null"/>.</summary>
    public BinaryData? GetSessionState(SessionLock session)
    {
        using var held = Enter(out _);
        EnsureHeld(session);
        return session.Session.State;
    }

    /// <summary>Sets the state of a session; <see langword="null"/> removes it.</summary>
    public void SetSessionState(SessionLock session, BinaryData? state)
    {
        if (state?.ToMemory().Length > MessageSize.MaxBytes)
        {
            throw new ServiceBusException(
                $"A session state has at most {MessageSize.MaxBytes} bytes.", ServiceBusFailureReason.MessageSizeExceeded, session.Queue.Path);
        }

        using var held = Enter(out _);
        EnsureHeld(session);
        var copy = state is null ? null : BinaryData.FromBytes(state.ToArray());
        _journal.Begin();
        _journal.SessionState(session.Queue, session.SessionId, copy);
        Commit(session.Queue);
        session.Session.State = copy;
    }

    private SessionLock? AcceptSession(string path, string? sessionId, TimeSpan wait, out SessionWaiter? waiter)
    {
        waiter = null;
        using var held = Enter(out var now);
        var queue = Queue(path);
        if (!queue.RequiresSession)
            throw new InvalidOperationException($"'{queue.Path}' has no sessions: receive from it without one.");
        if (sessionId is not null)
        {
            var session = queue.Session(sessionId);
            return session.Lock is null
                ? LockSession(queue, session, now)
                : throw new ServiceBusException(
                    $"The session '{sessionId}' is locked by another receiver.", ServiceBusFailureReason.SessionCannotBeLocked, queue.Path);
        }

        if (queue.Ready.First is { } first)
            return LockSession(queue, first.Value, now);
        waiter = new SessionWaiter(queue);
        waiter.Join();
        _due.Set(waiter, (now + wait).UtcTicks);
        return null;
    }

    private ServiceBusReceivedMessage[]? Receive(
        string path, SessionLock? session, int max, TimeSpan wait, bool delete, out MessageWaiter? waiter)
    {
        waiter = null;
        using var held = Enter(out var now);
        var queue = ReceivableQueue(path, session);
        var receivers = session?.Receivers ?? queue.Receivers;
        if (receivers.Count == 0 && (session?.Session.Available ?? queue.Available).Count > 0)
            return Take(queue, session, max, delete, now);
        waiter = new MessageWaiter(receivers, max, delete);
        waiter.Join();
        _due.Set(waiter, (now + wait).UtcTicks);
        return null;
    }

    private void EnsureHeld(SessionLock session)
    {
        // A lock of the namespace as it was before it was closed and opened again is as lost as an expired one.
        if (!session.IsHeld || session.Broker != this)
            throw SessionLockLost(session);
    }

    private static ServiceBusException SessionLockLost(SessionLock session) =>
        new(
            $"The lock of session '{session.SessionId}' is lost, or the message was settled already.",
            ServiceBusFailureReason.SessionLockLost,
            session.Queue.Path);

    private BrokerQueue ReceivableQueue(string path, SessionLock? session)
    {
        if (session is not null)
        {
            EnsureHeld(session);
            return session.Queue;
        }

        var queue = Queue(path);
        return queue.RequiresSession
            ? throw new InvalidOperationException($"'{queue.Path}' requires sessions: accept one to receive or settle.")
            : queue;
    }

    private SessionLock LockSession(BrokerQueue queue, BrokerSession session, DateTimeOffset now)
    {
        if (session.ReadyNode is { } node)
            queue.Ready.Remove(node);
        session.ReadyNode = null;
        session.Lock = new SessionLock(this, queue, session);
        _due.Set(session.Lock, (now + queue.LockDuration).UtcTicks);
        return session.Lock;
    }

    /// <summary>Ends a lock under which nothing is locked any more.</summary>
    private void EndLock(SessionLock session)
    {
        session.Session.Lock = null;
        _due.Remove(session);
        while (session.Receivers.First?.Value is { } waiter)
        {
            waiter.Leave();
            _due.Remove(waiter);
            waiter.Fail(SessionLockLost(session));
        }

        Dispatch(session.Queue, session.Session);
    }

    private ServiceBusReceivedMessage[] Take(BrokerQueue queue, SessionLock? session, int max, bool delete, DateTimeOffset now)
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

        Commit(queue);
    }

    private ServiceBusReceivedMessage[] Deliver(
        BrokerQueue queue, SessionLock? session, List<BrokerMessage> messages, bool delete, DateTimeOffset now)
    {
        var received = new ServiceBusReceivedMessage[messages.Count];
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

    private void LockMessage(BrokerQueue queue, SessionLock? session, BrokerMessage message, DateTimeOffset now)
    {
        Span<long> token = [_tokenSeed, ++_tokens];
        message.IsDelivered = true;
        message.LockToken = new Guid(System.Runtime.InteropServices.MemoryMarshal.AsBytes(token));
        queue.LockedCount++;
        (session?.Locked ?? queue.Locked).Add(message);
        if (session is not null)
            return;
        message.Lock = new MessageLock(queue, message);
        _due.Set(message.Lock, (now + queue.LockDuration).UtcTicks);
    }

    /// <summary>
    /// Hands out what can be handed out: messages to those who wait for them, or the session to who waits for one.
    /// A session with nothing left is forgotten.
    /// </summary>
    private void Dispatch(BrokerQueue queue, BrokerSession? session)
    {
        if (session is null)
        {
            Serve(queue, null, queue.Receivers, queue.Available);
            return;
        }

        if (session.Lock is { } held)
        {
            Serve(queue, held, held.Receivers, session.Available);
            return;
        }

        if (session.Available.Count > 0)
        {
            session.ReadyNode ??= queue.Ready.AddLast(session);
            ServeAcceptors(queue);
        }
        else if (session.IsGone)
        {
            queue.Sessions.Remove(session.Id);
        }
    }

    private void Serve(BrokerQueue queue, SessionLock? session, LinkedList<MessageWaiter> receivers, AvailableMessages available)
    {
        while (available.Count > 0 && receivers.First?.Value is { } waiter)
        {
            waiter.Leave();
            _due.Remove(waiter);
            try
            {
                waiter.Give(Take(queue, session, waiter.MaxMessages, waiter.Delete, _clock.GetUtcNow()));
            }
            catch (ServiceBusException error)
            {
                waiter.Fail(error);
            }
        }
    }

    private void ServeAcceptors(BrokerQueue queue)
    {
        while (queue.Ready.First?.Value is { } session && queue.Acceptors.First?.Value is { } waiter)
        {
            waiter.Leave();
            _due.Remove(waiter);
            waiter.Give(LockSession(queue, session, _clock.GetUtcNow()));
        }
    }

    private async Task<T> WaitAsync<T>(Waiter<T> waiter, CancellationToken cancellationToken)
    {
        using var registration = cancellationToken.UnsafeRegister(
            static (state, token) =>
            {
                var (broker, waiter) = ((Broker, Waiter<T>))state!;
                lock (broker._gate)
                {
                    // Whoever has been given something keeps it: it is locked for them.
                    if (!waiter.Waits)
                        return;
                    waiter.Leave();
                    broker._due.Remove(waiter);
                    waiter.Cancel(token);
                }
            },
            (this, waiter));
        return await waiter.Task;
    }
}

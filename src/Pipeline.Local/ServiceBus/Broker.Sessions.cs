namespace Pipeline.Local.ServiceBus;

/// <content>Sessions: accepting, releasing, renewing, and their state.</content>
internal sealed partial class Broker
{
    /// <summary>Locks a session: the given one, or the one that has waited longest, waiting for one to have a message.</summary>
    public Task<SessionLock> AcceptSessionAsync(
        string path, string? sessionId, TimeSpan wait, CancellationToken cancellationToken, bool isRemote = false)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var accepted = AcceptSession(path, sessionId, wait, isRemote, out var waiter);
        return accepted is null ? WaitAsync(waiter!, cancellationToken) : Task.FromResult(accepted);
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
            WriteRecord(session.Queue);
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
            throw new BrokerException(
                $"A session state has at most {MessageSize.MaxBytes} bytes.",
                BrokerFailure.MessageSizeExceeded,
                session.Queue.Path);
        }

        using var held = Enter(out _);
        EnsureHeld(session);
        var copy = state is null ? null : BinaryData.FromBytes(state.ToArray());
        _journal.Begin();
        _journal.SessionState(session.Queue, session.SessionId, copy);
        WriteRecord(session.Queue);
        session.Session.State = copy;
    }

    private SessionLock? AcceptSession(string path, string? sessionId, TimeSpan wait, bool isRemote, out SessionWaiter? waiter)
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
                : throw new BrokerException(
                    $"The session '{sessionId}' is locked by another receiver.", BrokerFailure.SessionCannotBeLocked, queue.Path);
        }

        if (queue.Ready.First is { } first)
            return LockSession(queue, first.Value, now);
        waiter = new SessionWaiter(queue) { IsRemote = isRemote };
        waiter.Join();
        if (wait != Timeout.InfiniteTimeSpan)
            _due.Set(waiter, (now + wait).UtcTicks);
        return null;
    }

    private void EnsureHeld(SessionLock session)
    {
        // A lock of the namespace as it was before it was closed and opened again is as lost as an expired one.
        if (!session.IsHeld || session.Broker != this)
            throw SessionLockLost(session);
    }

    private static BrokerException SessionLockLost(SessionLock session) =>
        new(
            $"The lock of session '{session.SessionId}' is lost, or the message was settled already.",
            BrokerFailure.SessionLockLost,
            session.Queue.Path);

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
        session.Lost.TrySetResult();
        _due.Remove(session);
        while (session.Receivers.First?.Value is { } waiter)
        {
            waiter.Leave();
            _due.Remove(waiter);
            waiter.Fail(SessionLockLost(session));
        }

        Dispatch(session.Queue, session.Session);
    }
}

namespace Pipeline.Local.ServiceBus;

/// <content>Handing messages and sessions to those who wait.</content>
internal sealed partial class Broker
{
    /// <summary>
    /// Hands out what can be handed out: messages to those who wait for them, or the session to who waits for one.
    /// A session with nothing left is forgotten.
    /// </summary>
    private void Dispatch(BrokerQueue queue, BrokerSession? session)
    {
        ExpireReturned();
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

    private void Serve(BrokerQueue queue, SessionLock? session, LinkedList<MessageWaiter> receivers, IndexedHeap<BrokerMessage, BySequenceNumber> available)
    {
        while (available.Count > 0 && receivers.First?.Value is { } waiter)
        {
            waiter.Leave();
            _due.Remove(waiter);
            try
            {
                waiter.Give(Take(queue, session, waiter.MaxMessages, waiter.Delete, _clock.GetUtcNow()));
            }
            catch (BrokerException error)
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

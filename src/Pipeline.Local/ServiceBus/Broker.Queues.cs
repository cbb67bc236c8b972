namespace Pipeline.Local.ServiceBus;

/// <content>The places of a message in its queue: available, locked, deferred, gone.</content>
internal sealed partial class Broker
{
    /// <summary>Puts a new message into a queue.</summary>
    private void Enqueue(BrokerQueue queue, BrokerMessage message)
    {
        queue.Messages.Add(message);
        _journal.Counted(message.Stored, 1);
        EnterSession(queue, message);
        MakeAvailable(queue, message);
    }

    private static void EnterSession(BrokerQueue queue, BrokerMessage message)
    {
        if (!queue.RequiresSession)
            return;
        message.Session = queue.Session(message.Stored.SessionId!);
        message.Session.Count++;
    }

    private static void LeaveSession(BrokerMessage message)
    {
        if (message.Session is { } session)
            session.Count--;
        message.Session = null;
    }

    private void MakeAvailable(BrokerQueue queue, BrokerMessage message)
    {
        if (message.IsDeferred)
        {
            queue.DeferredCount++;
            return;
        }

        (message.Session?.Available ?? queue.Available).Add(message);
        if (message.ExpiresTicks != BrokerMessage.Never && queue.DeadLetters is not null)
            WatchExpiry(queue, message);
    }

    /// <summary>Unlocks a message and puts it back to its place.</summary>
    private void Return(BrokerQueue queue, BrokerMessage message)
    {
        Unlock(queue, message);
        MakeAvailable(queue, message);
    }

    private void Unlock(BrokerQueue queue, BrokerMessage message)
    {
        (message.Session?.Lock?.Locked ?? queue.Locked).Remove(message);
        queue.LockedCount--;
        message.IsDelivered = false;
        message.LockToken = default;
        if (message.Lock is null)
            return;
        _due.Remove(message.Lock);
        message.Lock = null;
    }

    /// <summary>Removes an unlocked message for good.</summary>
    private void Forget(BrokerQueue queue, BrokerMessage message)
    {
        queue.Messages.Remove(message);
        if (message.Expiry is not null)
            _due.Remove(message.Expiry);
        _journal.Counted(message.Stored, -1);
        LeaveSession(message);
    }
}

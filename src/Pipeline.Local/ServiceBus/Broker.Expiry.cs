using System.Collections.ObjectModel;

namespace Pipeline.Local.ServiceBus;

/// <content>Messages whose lifetime ends.</content>
internal sealed partial class Broker
{
    private const int MaxExpiredAtOnce = 1000;

    /// <summary>Messages that came back after they had expired.</summary>
    private readonly List<MessageExpiry> _expiredOnReturn = [];

    /// <summary>Ends a message's lifetime, and those of others that end at the same time, in one record.</summary>
    internal void Expire(MessageExpiry first, DateTimeOffset now)
    {
        var expired = new List<MessageExpiry> { first };
        while (expired.Count < MaxExpiredAtOnce && _due.First is MessageExpiry next && next.DueTicks <= now.UtcTicks)
        {
            _due.Remove(next);
            expired.Add(next);
        }

        Expire(expired, now);
    }

    /// <summary>Has a message that can be received expire in time, or at the end of the call if it is late.</summary>
    private void WatchExpiry(BrokerQueue queue, BrokerMessage message)
    {
        message.Expiry ??= new MessageExpiry(queue, message);
        if (message.ExpiresTicks <= _clock.GetUtcNow().UtcTicks)
            _expiredOnReturn.Add(message.Expiry);
        else if (message.Expiry.HeapIndex < 0)
            _due.Set(message.Expiry, message.ExpiresTicks);
    }

    /// <summary>Must come before what can be received is handed out: what has expired cannot.</summary>
    private void ExpireReturned()
    {
        if (_expiredOnReturn.Count == 0)
            return;
        var expired = _expiredOnReturn.ToList();
        _expiredOnReturn.Clear();
        Expire(expired, _clock.GetUtcNow());
    }

    private void Expire(List<MessageExpiry> expired, DateTimeOffset now)
    {
        // What is locked or deferred by now expires when it comes back, or never.
        expired.RemoveAll(item => !item.Message.IsAvailable);
        if (expired.Count == 0)
            return;
        try
        {
            Begin();
            foreach (var item in expired)
            {
                if (item.Queue.DeadLettersExpired)
                    JournalDeadLetter(item.Queue, item.Message, item.Message.FailedDeliveries, ExpiredProperties(item.Message));
                else
                    _journal.Remove(item.Queue, item.Message);
            }

            var copies = Commit(expired[0].Queue);
            foreach (var item in expired)
                RemoveExpired(item.Queue, item.Message);
            Enqueue(copies);
        }
        catch
        {
            // Nothing was changed. All of them are due again a little later.
            foreach (var item in expired.Where(item => item.Message.IsAvailable))
                _due.Set(item, now.UtcTicks + TimeSpan.TicksPerSecond);
            throw;
        }
    }

    private void RemoveExpired(BrokerQueue queue, BrokerMessage message)
    {
        var session = message.Session;
        (session?.Available ?? queue.Available).Remove(message);
        if (queue.DeadLettersExpired)
        {
            MoveToDeadLetters(queue, message, message.FailedDeliveries, ExpiredProperties(message));
            EnqueueDeadLetter(queue, message);
        }
        else
        {
            Forget(queue, message);
            Emptied(queue, session);
        }

        Withdraw(queue, session);
    }

    /// <summary>A session that has nothing left to receive is offered no more.</summary>
    private static void Withdraw(BrokerQueue queue, BrokerSession? session)
    {
        if (session is not { Available.Count: 0 })
            return;
        if (session.ReadyNode is { } node)
            queue.Ready.Remove(node);
        session.ReadyNode = null;
        if (session.IsGone)
            queue.Sessions.Remove(session.Id);
    }

    private static ReadOnlyDictionary<string, object> ExpiredProperties(BrokerMessage message) =>
        With(message.Properties, DeadLetterCause.Expired.Properties());
}

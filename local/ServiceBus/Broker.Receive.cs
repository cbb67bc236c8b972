using System.Runtime.InteropServices;
using Azure.Messaging.ServiceBus;

namespace Pipeline.Local.ServiceBus;

/// <content>Receiving and peeking.</content>
internal sealed partial class Broker
{
    /// <summary>Receives up to <paramref name="max"/> messages as soon as there is one; none if none comes in time.</summary>
    public Task<IReadOnlyList<ServiceBusReceivedMessage>> ReceiveAsync(
        string path, SessionLock? session, int max, TimeSpan wait, bool delete, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var received = Receive(path, session, max, wait, delete, out var waiter);
        return received is null
            ? WaitAsync(waiter!, cancellationToken)
            : Task.FromResult<IReadOnlyList<ServiceBusReceivedMessage>>(received);
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
                    string.Create(CultureInfo.InvariantCulture, $"No message is deferred under {number}."),
                    ServiceBusFailureReason.MessageNotFound, queue.Path);
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

    /// <summary>Extends a message's lock; returns until when.</summary>
    public DateTimeOffset RenewMessageLock(string path, ServiceBusReceivedMessage message)
    {
        using var held = Enter(out var now);
        var locked = LockedMessage(ReceivableQueue(path, session: null), null, message);
        _due.Set(locked.Lock!, (now + Queue(path).LockDuration).UtcTicks);
        return locked.Lock!.LockedUntil;
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

        WriteRecord(queue);
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
        message.LockToken = new Guid(MemoryMarshal.AsBytes(token));
        queue.LockedCount++;
        (session?.Locked ?? queue.Locked).Add(message);
        if (session is not null)
            return;
        message.Lock = new MessageLock(queue, message);
        _due.Set(message.Lock, (now + queue.LockDuration).UtcTicks);
    }
}

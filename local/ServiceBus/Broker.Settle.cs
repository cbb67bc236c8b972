using System.Collections.ObjectModel;
using Azure.Messaging.ServiceBus;

namespace Pipeline.Local.ServiceBus;

/// <content>Settling messages, by receivers and by locks that expire.</content>
internal sealed partial class Broker
{
    private const string MaxDeliveryCountExceeded = "MaxDeliveryCountExceeded";

    /// <summary>Settles a message that is locked, under its session's lock or its own.</summary>
    /// <exception cref="ServiceBusException">The lock is lost.</exception>
    public void Settle(string path, SessionLock? session, ServiceBusReceivedMessage received, Settlement settlement)
    {
        using var held = Enter(out _);
        var queue = ReceivableQueue(path, session);
        var message = LockedMessage(queue, session, received);
        var properties = settlement.Properties is { Count: > 0 } changes ? With(message.Properties, changes) : null;
        if (properties is not null)
            MessageSize.CheckProperties(properties);
        _journal.Begin();
        switch (settlement.Kind)
        {
            case SettlementKind.Complete:
                _journal.Remove(queue, message);
                Commit(queue);
                Unlock(queue, message);
                Forget(queue, message);
                Emptied(queue, session?.Session);
                break;
            case SettlementKind.Abandon:
                JournalFailure(queue, message, properties);
                Commit(queue);
                CountFailure(queue, message, properties);
                break;
            case SettlementKind.Defer:
                _journal.Defer(queue, message, properties);
                Commit(queue);
                message.IsDeferred = true;
                message.Properties = properties ?? message.Properties;
                Return(queue, message);
                break;
            case SettlementKind.DeadLetter:
                DeadLetter(queue, message, properties ?? message.Properties, settlement);
                break;
        }

        Dispatch(queue, session?.Session);
    }

    /// <summary>A session's lock has run out: what it held counts as failed, and the session can be accepted again.</summary>
    internal void ExpireSessionLock(SessionLock session)
    {
        var queue = session.Queue;
        var messages = session.Locked.All.ToArray();
        _journal.Begin();
        foreach (var message in messages)
            JournalFailure(queue, message);
        _journal.Commit();
        foreach (var message in messages)
            CountFailure(queue, message, null);
        EndLock(session);
    }

    /// <summary>A message's lock has run out: it counts as failed, and the message can be received again.</summary>
    internal void ExpireMessageLock(BrokerQueue queue, BrokerMessage message)
    {
        _journal.Begin();
        JournalFailure(queue, message);
        _journal.Commit();
        CountFailure(queue, message, null);
        Dispatch(queue, null);
    }

    private static BrokerMessage LockedMessage(BrokerQueue queue, SessionLock? session, ServiceBusReceivedMessage received)
    {
        if (queue.Messages.Find(received.SequenceNumber) is { IsDelivered: true } message
            && message.LockToken == received.LockTokenGuid
            && (session is null || ReferenceEquals(received.Session, session)))
        {
            return message;
        }

        throw session is not null
            ? SessionLockLost(session)
            : new ServiceBusException(
                "The lock of the message is lost, or it was settled already.", ServiceBusFailureReason.MessageLockLost, queue.Path);
    }

    private static ReadOnlyDictionary<string, object> With(
        IReadOnlyDictionary<string, object> properties, IEnumerable<KeyValuePair<string, object>> changes)
    {
        var changed = new Dictionary<string, object>(properties, StringComparer.Ordinal);
        foreach (var (name, value) in changes)
            changed[name] = value;
        return new ReadOnlyDictionary<string, object>(changed);
    }

    private static bool Exhausted(BrokerQueue queue, int failedDeliveries) =>
        queue.DeadLetters is not null && failedDeliveries >= queue.MaxDeliveryCount;

    private static ReadOnlyDictionary<string, object> ExhaustedProperties(
        BrokerQueue queue, BrokerMessage message, IReadOnlyDictionary<string, object>? properties = null) =>
        With(properties ?? message.Properties,
        [
            KeyValuePair.Create<string, object>(ServiceBusReceivedMessage.DeadLetterReasonProperty, MaxDeliveryCountExceeded),
            KeyValuePair.Create<string, object>(
                ServiceBusReceivedMessage.DeadLetterErrorDescriptionProperty,
                $"The message was delivered {queue.MaxDeliveryCount} times and never completed."),
        ]);

    /// <summary>Records a failed delivery: back to its place, or into the dead-letter queue when it was the last.</summary>
    private void JournalFailure(BrokerQueue queue, BrokerMessage message, IReadOnlyDictionary<string, object>? properties = null)
    {
        var failed = message.FailedDeliveries + 1;
        if (Exhausted(queue, failed))
            _journal.DeadLetter(queue, message, failed, ExhaustedProperties(queue, message, properties));
        else
            _journal.Fail(queue, message, properties);
    }

    private void CountFailure(BrokerQueue queue, BrokerMessage message, IReadOnlyDictionary<string, object>? properties)
    {
        message.FailedDeliveries++;
        if (Exhausted(queue, message.FailedDeliveries))
        {
            Unlock(queue, message);
            MoveToDeadLetters(queue, message, message.FailedDeliveries, ExhaustedProperties(queue, message, properties));
            EnqueueDeadLetter(queue, message);
            return;
        }

        message.Properties = properties ?? message.Properties;
        Return(queue, message);
    }

    private void DeadLetter(BrokerQueue queue, BrokerMessage message, IReadOnlyDictionary<string, object> properties, Settlement settlement)
    {
        if (queue.DeadLetters is null)
            throw new InvalidOperationException("A dead letter cannot be dead-lettered again: complete or abandon it.");
        var texts = new List<KeyValuePair<string, object>>(2);
        if (settlement.Reason is { } reason)
            texts.Add(new(ServiceBusReceivedMessage.DeadLetterReasonProperty, reason));
        if (settlement.Description is { } description)
            texts.Add(new(ServiceBusReceivedMessage.DeadLetterErrorDescriptionProperty, description));
        var all = With(properties, texts);
        _journal.DeadLetter(queue, message, message.FailedDeliveries, all);
        Commit(queue);
        Unlock(queue, message);
        MoveToDeadLetters(queue, message, message.FailedDeliveries, all);
        EnqueueDeadLetter(queue, message);
    }

    private static void MoveToDeadLetters(
        BrokerQueue queue, BrokerMessage message, int failedDeliveries, IReadOnlyDictionary<string, object> properties)
    {
        queue.Messages.Remove(message);
        message.FailedDeliveries = failedDeliveries;
        message.IsDeferred = false;
        message.Properties = properties;
        queue.DeadLetters!.Messages.Add(message);
    }

    private void EnqueueDeadLetter(BrokerQueue queue, BrokerMessage message)
    {
        var session = message.Session;
        LeaveSession(message);
        queue.DeadLetters!.Available.Add(message);
        Dispatch(queue.DeadLetters, null);
        Emptied(queue, session);
    }

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

    private static void MakeAvailable(BrokerQueue queue, BrokerMessage message)
    {
        if (message.IsDeferred)
            queue.DeferredCount++;
        else
            (message.Session?.Available ?? queue.Available).Add(message);
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
        _journal.Counted(message.Stored, -1);
        LeaveSession(message);
    }
}

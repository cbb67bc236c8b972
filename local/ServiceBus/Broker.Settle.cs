using System.Collections.ObjectModel;
using Azure.Messaging.ServiceBus;

namespace Pipeline.Local.ServiceBus;

/// <content>Settling messages, by receivers and by locks that expire.</content>
internal sealed partial class Broker
{
    /// <summary>Settles a message that is locked, under its session's lock or its own.</summary>
    /// <exception cref="ServiceBusException">The lock is lost.</exception>
    public void Settle(
        string path, SessionLock? session, ServiceBusReceivedMessage received, Settlement settlement, BrokerTransaction? transaction)
    {
        using var held = Enter(out _);
        var planned = PlanSettlement(path, session, received, settlement);
        if (transaction is not null)
        {
            transaction.Settle(planned);
            return;
        }

        Begin();
        Journal(planned);
        var copies = Commit(planned.Queue);
        Apply(planned);
        Enqueue(copies);
        Dispatch(planned.Queue, session?.Session);
    }

    /// <summary>A session's lock has run out: what it held counts as failed, and the session can be accepted again.</summary>
    internal void ExpireSessionLock(SessionLock session)
    {
        var queue = session.Queue;
        var messages = session.Locked.All.ToArray();
        Begin();
        foreach (var message in messages)
            JournalFailure(queue, message);
        var copies = Commit(queue);
        foreach (var message in messages)
            CountFailure(queue, message, null);
        Enqueue(copies);
        EndLock(session);
    }

    /// <summary>A message's lock has run out: it counts as failed, and the message can be received again.</summary>
    internal void ExpireMessageLock(BrokerQueue queue, BrokerMessage message)
    {
        Begin();
        JournalFailure(queue, message);
        var copies = Commit(queue);
        CountFailure(queue, message, null);
        Enqueue(copies);
        Dispatch(queue, null);
    }

    /// <summary>Checks that the message can be settled so; changes nothing.</summary>
    private PlannedSettlement PlanSettlement(string path, SessionLock? session, ServiceBusReceivedMessage received, Settlement settlement)
    {
        var queue = ReceivableQueue(path, session);
        var message = LockedMessage(queue, session, received);
        if (settlement.Kind == SettlementKind.DeadLetter && queue.DeadLetters is null)
            throw new InvalidOperationException("A dead letter cannot be dead-lettered again: complete or abandon it.");
        var properties = settlement.Properties is { Count: > 0 } changes ? With(message.Properties, changes) : null;
        if (settlement.Kind == SettlementKind.DeadLetter)
            properties = With(properties ?? message.Properties, new DeadLetterCause(settlement.Reason, settlement.Description).Properties());
        if (properties is not null)
            MessageSize.CheckProperties(properties);
        return new PlannedSettlement(queue, session, message, settlement.Kind, properties);
    }

    private void Journal(in PlannedSettlement planned)
    {
        var (queue, _, message, kind, properties) = planned;
        switch (kind)
        {
            case SettlementKind.Complete:
                _journal.Remove(queue, message);
                break;
            case SettlementKind.Abandon:
                JournalFailure(queue, message, properties);
                break;
            case SettlementKind.Defer:
                _journal.Defer(queue, message, properties);
                break;
            case SettlementKind.DeadLetter:
                JournalDeadLetter(queue, message, message.FailedDeliveries, properties!);
                break;
        }
    }

    private void Apply(in PlannedSettlement planned)
    {
        var (queue, session, message, kind, properties) = planned;
        switch (kind)
        {
            case SettlementKind.Complete:
                Unlock(queue, message);
                Forget(queue, message);
                Emptied(queue, session?.Session);
                break;
            case SettlementKind.Abandon:
                CountFailure(queue, message, properties);
                break;
            case SettlementKind.Defer:
                message.IsDeferred = true;
                message.Properties = properties ?? message.Properties;
                Return(queue, message);
                break;
            case SettlementKind.DeadLetter:
                Unlock(queue, message);
                MoveToDeadLetters(queue, message, message.FailedDeliveries, properties!);
                EnqueueDeadLetter(queue, message);
                break;
        }
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
        With(properties ?? message.Properties, DeadLetterCause.TooManyDeliveries(queue).Properties());

    /// <summary>Records a failed delivery: back to its place, or into the dead-letter queue when it was the last.</summary>
    private void JournalFailure(BrokerQueue queue, BrokerMessage message, IReadOnlyDictionary<string, object>? properties = null)
    {
        var failed = message.FailedDeliveries + 1;
        if (Exhausted(queue, failed))
            JournalDeadLetter(queue, message, failed, ExhaustedProperties(queue, message, properties));
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

    /// <summary>Records that a message goes to the dead-letter queue, or on to where dead letters are forwarded.</summary>
    private void JournalDeadLetter(BrokerQueue queue, BrokerMessage message, int failedDeliveries, IReadOnlyDictionary<string, object> properties)
    {
        if (queue.ForwardDeadLettersTo is not { } target)
        {
            _journal.DeadLetter(queue, message, failedDeliveries, properties);
            return;
        }

        _journal.Remove(queue, message);
        var stored = message.Stored.Again();
        stored.EnqueuedTime = _clock.GetUtcNow();
        ForwardDeadLetter(queue, target, stored, Transfer.None with { Properties = properties });
    }

    /// <summary>Takes an unlocked message out of a queue: into its dead-letter queue, or away if a forwarded copy takes its place.</summary>
    private void MoveToDeadLetters(
        BrokerQueue queue, BrokerMessage message, int failedDeliveries, IReadOnlyDictionary<string, object> properties)
    {
        queue.Messages.Remove(message);
        if (message.Expiry is not null)
            _due.Remove(message.Expiry);
        if (queue.ForwardDeadLettersTo is not null)
        {
            _journal.Counted(message.Stored, -1);
            return;
        }

        message.FailedDeliveries = failedDeliveries;
        message.IsDeferred = false;
        message.Properties = properties;
        queue.DeadLetters!.Messages.Add(message);
    }

    private void EnqueueDeadLetter(BrokerQueue queue, BrokerMessage message)
    {
        var session = message.Session;
        LeaveSession(message);
        if (queue.ForwardDeadLettersTo is null)
        {
            queue.DeadLetters!.Available.Add(message);
            Dispatch(queue.DeadLetters, null);
        }

        Emptied(queue, session);
    }

    /// <summary>A settlement that was found to be possible.</summary>
    internal readonly record struct PlannedSettlement(
        BrokerQueue Queue, SessionLock? Session, BrokerMessage Message, SettlementKind Kind, IReadOnlyDictionary<string, object>? Properties)
    {
        /// <summary>The lock that it is made under.</summary>
        public Guid LockToken { get; } = Message.LockToken;
    }
}

using System.Collections.ObjectModel;

namespace Pipeline.Local.ServiceBus;

/// <content>Settling messages, by receivers and by locks that expire.</content>
internal sealed partial class Broker
{
    private const int MaxDeadLetterTextLength = 4096;

    /// <summary>Settles a message that is locked, under its session's lock or its own.</summary>
    /// <exception cref="BrokerException">The lock is lost.</exception>
    public void Settle(string path, SessionLock? session, Guid lockToken, Settlement settlement, BrokerTransaction? transaction)
    {
        using var held = Enter(out _);
        var planned = PlanSettlement(path, session, lockToken, settlement);
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

    /// <summary>Gives a message back as if it had not been delivered, at no cost. Nothing happens if its lock is lost.</summary>
    public void GiveBack(string path, SessionLock? session, Guid lockToken)
    {
        lock (_gate)
        {
            if (_closed)
                return;
            using var held = Enter(out _);
            var queue = Queue(path);
            if (Locked(queue, session, lockToken) is not { } message)
                return;
            _journal.Begin();
            _journal.Release(queue, message);
            WriteRecord(queue);
            Return(queue, message);
            Dispatch(queue, message.Session);
        }
    }

    /// <summary>Whether a message is still locked under a token.</summary>
    public bool IsLocked(string path, SessionLock? session, Guid lockToken)
    {
        using var held = Enter(out _);
        return Locked(Queue(path), session, lockToken) is not null;
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
    private PlannedSettlement PlanSettlement(string path, SessionLock? session, Guid lockToken, Settlement settlement)
    {
        var queue = ReceivableQueue(path, session);
        var message = LockedMessage(queue, session, lockToken);
        if (settlement.Reason?.Length > MaxDeadLetterTextLength || settlement.Description?.Length > MaxDeadLetterTextLength)
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"Reason and description of a dead letter have at most {MaxDeadLetterTextLength} characters."));
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

    private static BrokerMessage? Locked(BrokerQueue queue, SessionLock? session, Guid lockToken) =>
        queue.Messages.Find(SequenceNumberOf(lockToken)) is { IsDelivered: true } message
        && message.LockToken == lockToken
        && ReferenceEquals(message.Session?.Lock, session)
            ? message
            : null;

    private static BrokerMessage LockedMessage(BrokerQueue queue, SessionLock? session, Guid lockToken)
    {
        if (Locked(queue, session, lockToken) is { } message)
            return message;
        throw session is not null
            ? SessionLockLost(session)
            : new BrokerException(
                "The lock of the message is lost, or it was settled already.", BrokerFailure.MessageLockLost, queue.Path);
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

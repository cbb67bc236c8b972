namespace Pipeline.Local.ServiceBus;

/// <content>Transactions.</content>
internal sealed partial class Broker
{
    /// <summary>The broker's time.</summary>
    internal TimeProvider Clock => _clock;

    /// <summary>Commits everything in one record. If anything cannot be done any more, nothing is.</summary>
    /// <exception cref="BrokerException">A lock was lost meanwhile, or the transaction lasted too long.</exception>
    internal void Commit(BrokerTransaction transaction)
    {
        using var held = Enter(out var now);
        if (now - transaction.Started > BrokerTransaction.Timeout)
            throw new BrokerException("The transaction lasted longer than 2 minutes.", BrokerFailure.ServiceTimeout);
        foreach (var settlement in transaction.Settlements)
            EnsureStillLocked(settlement);
        foreach (var scheduled in transaction.Cancellations)
            _ = ScheduledUnder(scheduled.Entity, scheduled.SequenceNumber);
        Begin();
        foreach (var settlement in transaction.Settlements)
            Journal(settlement);
        foreach (var scheduled in transaction.Cancellations)
            _journal.Unschedule(scheduled);
        foreach (var (entity, stored, number) in transaction.Sends)
            Plan(entity, stored, now, number);
        var copies = Commit(entity: null);
        foreach (var settlement in transaction.Settlements)
            Apply(settlement);
        foreach (var scheduled in transaction.Cancellations)
            Unschedule(scheduled);
        Enqueue(copies);
        foreach (var settlement in transaction.Settlements)
            Dispatch(settlement.Queue, settlement.Session?.Session);
    }

    /// <summary>Numbers that nobody else gets.</summary>
    internal long[] TakeNumbers(BrokerEntity entity, int count)
    {
        using var held = Enter(out _);
        var numbers = new long[count];
        for (var i = 0; i < count; i++)
            numbers[i] = entity.NextSequenceNumber++;
        return numbers;
    }

    private static void EnsureStillLocked(in PlannedSettlement settlement)
    {
        var (queue, session, message, _, _) = settlement;
        var isHeld = message.IsDelivered && message.LockToken == settlement.LockToken && (session is null || session.IsHeld);
        if (isHeld)
            return;
        throw session is not null
            ? SessionLockLost(session)
            : new BrokerException(
                "The lock of the message was lost before the transaction was committed.", BrokerFailure.MessageLockLost, queue.Path);
    }
}

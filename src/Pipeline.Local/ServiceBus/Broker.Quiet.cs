namespace Pipeline.Local.ServiceBus;

/// <content>What a test host needs to know: who waits for what.</content>
internal sealed partial class Broker
{
    /// <summary>What every queue, subscription and dead-letter queue holds, and who waits there.</summary>
    public IReadOnlyDictionary<string, QueueState> QueueStates()
    {
        using var held = Enter(out _);
        return _entities.OfType<BrokerQueue>().ToDictionary(queue => queue.Name, StateOf, StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>When the next message that is scheduled is enqueued; <see langword="null"/> if none is. With how many there are.</summary>
    public IReadOnlyList<(string Entity, int Count, DateTimeOffset Next)> Scheduled()
    {
        using var held = Enter(out _);
        return
        [
            .. _entities.Where(entity => entity.Scheduled.Count > 0)
                .Select(entity => (entity.Name, entity.Scheduled.Count, new DateTimeOffset(entity.Scheduled.Values.Min(m => m.DueTicks), TimeSpan.Zero))),
        ];
    }

    private static QueueState StateOf(BrokerQueue queue)
    {
        var waiting = queue.Receivers.Count(r => !r.IsRemote) + queue.Acceptors.Count(a => !a.IsRemote);
        DateTimeOffset? unlocked = null;
        var locked = 0;
        foreach (var session in queue.Sessions.Values)
        {
            if (session.Lock is not { } held)
                continue;
            waiting += held.Receivers.Count(r => !r.IsRemote);
            if (session.Count > 0 && (unlocked is null || held.LockedUntil < unlocked))
                unlocked = held.LockedUntil;
            locked++;
        }

        return new QueueState(waiting, queue.Messages.Count - queue.LockedCount - queue.DeferredCount, queue.LockedCount, locked, unlocked);
    }
}

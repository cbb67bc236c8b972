namespace Pipeline.Local.ServiceBus;

/// <summary>One receiver's lock on a session.</summary>
internal sealed class SessionLock(Broker broker, BrokerQueue queue, BrokerSession session) : BrokerDueItem
{
    public Broker Broker => broker;
    public BrokerQueue Queue => queue;
    public BrokerSession Session => session;
    public string SessionId => session.Id;
    public DateTimeOffset LockedUntil => new(DueTicks, TimeSpan.Zero);

    /// <summary>What it has received and not settled.</summary>
    public LockedMessages Locked { get; } = new();

    /// <summary>Its waiting receive calls.</summary>
    public LinkedList<MessageWaiter> Receivers { get; } = new();

    public bool IsHeld => ReferenceEquals(session.Lock, this);

    /// <summary>Ends when the lock has ended: released or run out.</summary>
    public TaskCompletionSource Lost { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public override void Fire(Broker broker, DateTimeOffset now) => broker.ExpireSessionLock(this);
}

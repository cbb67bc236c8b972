using Pipeline.Local.ServiceBus;

namespace Azure.Messaging.ServiceBus;

/// <summary>Receives and settles the messages of one session, whose lock it holds.</summary>
public class ServiceBusSessionReceiver : ServiceBusReceiver
{
    private readonly SessionLock? _session;

    /// <summary>For mocking.</summary>
    protected ServiceBusSessionReceiver()
    {
    }

    internal ServiceBusSessionReceiver(ServiceBusClient client, string path, SessionLock session, ServiceBusSessionReceiverOptions options)
        : base(client, path, options.ReceiveMode, options.PrefetchCount, options.Identifier) => _session = session;

    /// <summary>Whether the receiver or its client has been closed.</summary>
    public override bool IsClosed => base.IsClosed;

    /// <summary>The session.</summary>
    public virtual string SessionId => Held.SessionId;

    /// <summary>Until when the session is locked.</summary>
    public virtual DateTimeOffset SessionLockedUntil => Held.LockedUntil;

    internal override SessionLock? Session => Held;

    private SessionLock Held => _session ?? throw new InvalidOperationException("This receiver was made for mocking.");

    /// <summary>Extends the lock by the lock duration.</summary>
    /// <exception cref="ServiceBusException"><see cref="ServiceBusFailureReason.SessionLockLost"/>.</exception>
    public virtual async Task RenewSessionLockAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        await RunAsync(
            BrokerCall.Renew,
            Held,
            static (broker, session) =>
            {
                broker.RenewSessionLock(session);
                return true;
            },
            cancellationToken,
            static (broker, session) => broker.LoseLock(session.Queue.Path, session, 0));
    }

    /// <summary>The session's state; <see langword="null"/> if it has none.</summary>
    /// <exception cref="ServiceBusException"><see cref="ServiceBusFailureReason.SessionLockLost"/>.</exception>
    public virtual async Task<BinaryData?> GetSessionStateAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return await RunAsync(BrokerCall.Read, Held, static (broker, session) => broker.GetSessionState(session), cancellationToken);
    }

    /// <summary>Sets the session's state; <see langword="null"/> removes it.</summary>
    /// <exception cref="ServiceBusException"><see cref="ServiceBusFailureReason.SessionLockLost"/>.</exception>
    public virtual async Task SetSessionStateAsync(BinaryData? sessionState, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        await RunAsync(
            BrokerCall.Settle,
            (Held, sessionState),
            static (broker, s) =>
            {
                broker.SetSessionState(s.Held, s.sessionState);
                return true;
            },
            cancellationToken);
    }

    /// <summary>
    /// Closes the receiver and releases the session at once. What was received and not settled becomes available
    /// again at its place, and that does not count as a failed delivery.
    /// </summary>
    public override async Task CloseAsync(CancellationToken cancellationToken = default)
    {
        if (_session is not null)
            Client!.Release(_session);
        await base.CloseAsync(cancellationToken);
    }
}

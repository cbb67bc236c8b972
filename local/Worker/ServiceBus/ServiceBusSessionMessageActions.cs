using Azure.Messaging.ServiceBus;
using Pipeline.Local.Worker;

namespace Microsoft.Azure.Functions.Worker;

/// <summary>Works on the session whose message is being handled.</summary>
/// <remarks>
/// The host finds the session by its id alone, as in Azure. Where several functions of one host handle messages of one session id at
/// a time, of different entities, every call may concern the session of another one, or fail: settle by the message's lock token
/// (<see cref="ServiceBusMessageActions"/>) instead.
/// </remarks>
public class ServiceBusSessionMessageActions
{
    private readonly SessionActionsCache? _sessions;
    private readonly string _sessionId = "";

    /// <summary>For mocking.</summary>
    protected ServiceBusSessionMessageActions()
    {
    }

    internal ServiceBusSessionMessageActions(SessionActionsCache sessions, ServiceBusReceivedMessage message)
    {
        _sessions = sessions;
        _sessionId = message.SessionId!;
        SessionLockedUntil = message.LockedUntil;
    }

    /// <summary>Until when the session is locked, as far as this invocation knows.</summary>
    public DateTimeOffset SessionLockedUntil { get; private set; }

    private HostSession Session =>
        (_sessions ?? throw new InvalidOperationException("These actions were made for mocking, or the entity has no sessions.")).Get(_sessionId);

    /// <summary>The session's state; <see langword="null"/> if it has none.</summary>
    /// <exception cref="SettlementException">The session's lock is lost, or the host does not know the session.</exception>
    public virtual async Task<BinaryData> GetSessionStateAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        BinaryData? state = null;
        await SettlementException.WrapAsync(() =>
        {
            state = Session.Receiver.GetSessionState();
            return Task.CompletedTask;
        });
        return state!;
    }

    /// <summary>Sets the session's state.</summary>
    /// <exception cref="SettlementException">The session's lock is lost, or the host does not know the session.</exception>
    public virtual Task SetSessionStateAsync(BinaryData sessionState, CancellationToken cancellationToken = default) =>
        SettlementException.WrapAsync(() =>
        {
            cancellationToken.ThrowIfCancellationRequested();
            Session.Receiver.SetSessionState(sessionState);
            return Task.CompletedTask;
        });

    /// <summary>Lets go of the session when the invocation ends that the host finds, so that any receiver may take it, this one included.</summary>
    /// <exception cref="SettlementException">The host does not know the session.</exception>
    public virtual Task ReleaseSession(CancellationToken cancellationToken = default) => SettlementException.WrapAsync(() =>
    {
        Session.Release();
        return Task.CompletedTask;
    });

    /// <summary>Extends the session's lock.</summary>
    /// <exception cref="SettlementException">The session's lock is lost, or the host does not know the session.</exception>
    public virtual Task RenewSessionLockAsync(CancellationToken cancellationToken = default) => SettlementException.WrapAsync(async () =>
    {
        cancellationToken.ThrowIfCancellationRequested();
        SessionLockedUntil = await Session.Receiver.RenewSessionLockAsync();
    });
}

using Azure.Messaging.ServiceBus;
using Pipeline.Local.Worker;

namespace Microsoft.Azure.Functions.Worker;

/// <summary>Settles the messages of one invocation. Settle before the function returns.</summary>
/// <remarks>A failure surfaces as <see cref="SettlementException"/>, in Azure as <c>Grpc.Core.RpcException</c>: never as <see cref="ServiceBusException"/>.</remarks>
public class ServiceBusMessageActions
{
    private readonly ServiceBusReceiver? _receiver;
    private HashSet<Guid>? _settled;

    /// <summary>For mocking.</summary>
    protected ServiceBusMessageActions()
    {
    }

    internal ServiceBusMessageActions(ServiceBusReceiver receiver)
    {
        _receiver = receiver;
    }

    private ServiceBusReceiver Receiver => _receiver ?? throw new InvalidOperationException("These actions were made for mocking.");

    /// <summary>Removes the message: it has been dealt with.</summary>
    /// <exception cref="SettlementException">The lock is lost, or the broker refused.</exception>
    public virtual Task CompleteMessageAsync(ServiceBusReceivedMessage message, CancellationToken cancellationToken = default) =>
        Settle(message, () => Receiver.CompleteMessageAsync(message, cancellationToken));

    /// <summary>Makes the message available again; counts as a failed delivery.</summary>
    /// <exception cref="SettlementException">The lock is lost, or the broker refused.</exception>
    public virtual Task AbandonMessageAsync(
        ServiceBusReceivedMessage message,
        IDictionary<string, object>? propertiesToModify = default,
        CancellationToken cancellationToken = default) =>
        Settle(message, () => Receiver.AbandonMessageAsync(message, propertiesToModify, cancellationToken));

    /// <summary>Moves the message to the dead-letter queue.</summary>
    /// <exception cref="SettlementException">The lock is lost, or the broker refused.</exception>
    public virtual Task DeadLetterMessageAsync(
        ServiceBusReceivedMessage message,
        Dictionary<string, object>? propertiesToModify = default,
        string? deadLetterReason = default,
        string? deadLetterErrorDescription = default,
        CancellationToken cancellationToken = default) =>
        Settle(message, () => Receiver.DeadLetterMessageAsync(
            message, propertiesToModify, deadLetterReason, deadLetterErrorDescription, cancellationToken));

    /// <summary>Sets the message aside, to be received by its sequence number only.</summary>
    /// <exception cref="SettlementException">The lock is lost, or the broker refused.</exception>
    public virtual Task DeferMessageAsync(
        ServiceBusReceivedMessage message,
        IDictionary<string, object>? propertiesToModify = default,
        CancellationToken cancellationToken = default) =>
        Settle(message, () => Receiver.DeferMessageAsync(message, propertiesToModify, cancellationToken));

    /// <summary>Extends the message's lock. Not in sessions.</summary>
    /// <exception cref="SettlementException">The lock is lost, or the broker refused.</exception>
    public virtual Task RenewMessageLockAsync(ServiceBusReceivedMessage message, CancellationToken cancellationToken = default) =>
        SettlementException.WrapAsync(() => Receiver.RenewMessageLockAsync(message, cancellationToken));

    internal bool IsSettled(ServiceBusReceivedMessage message) => _settled?.Contains(message.LockTokenGuid) == true;

    private async Task Settle(ServiceBusReceivedMessage message, Func<Task> settlement)
    {
        ArgumentNullException.ThrowIfNull(message);
        await SettlementException.WrapAsync(settlement);
        (_settled ??= []).Add(message.LockTokenGuid);
    }
}

/// <summary>Works on the session whose message is being handled.</summary>
public class ServiceBusSessionMessageActions
{
    private readonly ServiceBusSessionReceiver? _receiver;

    /// <summary>For mocking.</summary>
    protected ServiceBusSessionMessageActions()
    {
    }

    internal ServiceBusSessionMessageActions(ServiceBusSessionReceiver receiver)
    {
        _receiver = receiver;
    }

    /// <summary>Until when the session is locked.</summary>
    public virtual DateTimeOffset SessionLockedUntil => Receiver.SessionLockedUntil;

    internal bool IsReleased { get; private set; }

    private ServiceBusSessionReceiver Receiver =>
        _receiver ?? throw new InvalidOperationException("These actions were made for mocking, or the entity has no sessions.");

    /// <summary>The session's state; <see langword="null"/> if it has none.</summary>
    /// <exception cref="SettlementException">The session's lock is lost.</exception>
    public virtual async Task<BinaryData> GetSessionStateAsync(CancellationToken cancellationToken = default)
    {
        BinaryData? state = null;
        await SettlementException.WrapAsync(async () => state = await Receiver.GetSessionStateAsync(cancellationToken));
        return state!;
    }

    /// <summary>Sets the session's state.</summary>
    /// <exception cref="SettlementException">The session's lock is lost.</exception>
    public virtual Task SetSessionStateAsync(BinaryData sessionState, CancellationToken cancellationToken = default) =>
        SettlementException.WrapAsync(() => Receiver.SetSessionStateAsync(sessionState, cancellationToken));

    /// <summary>Lets go of the session when this invocation ends, so that any receiver may take it, this one included.</summary>
    public virtual Task ReleaseSession(CancellationToken cancellationToken = default)
    {
        _ = Receiver;
        IsReleased = true;
        return Task.CompletedTask;
    }

    /// <summary>Extends the session's lock.</summary>
    /// <exception cref="SettlementException">The session's lock is lost.</exception>
    public virtual Task RenewSessionLockAsync(CancellationToken cancellationToken = default) =>
        SettlementException.WrapAsync(() => Receiver.RenewSessionLockAsync(cancellationToken));
}

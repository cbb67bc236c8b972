using Azure.Messaging.ServiceBus;
using Pipeline.Local.ServiceBus;
using Pipeline.Local.Worker;

namespace Microsoft.Azure.Functions.Worker;

/// <summary>Settles the messages of one invocation. Settle before the function returns.</summary>
/// <remarks>A failure surfaces as <see cref="SettlementException"/>, in Azure as <c>Grpc.Core.RpcException</c>: never as <see cref="ServiceBusException"/>.</remarks>
public class ServiceBusMessageActions
{
    private readonly BrokerReceiver? _receiver;
    private HashSet<Guid>? _settled;

    /// <summary>For mocking.</summary>
    protected ServiceBusMessageActions()
    {
    }

    internal ServiceBusMessageActions(BrokerReceiver receiver)
    {
        _receiver = receiver;
    }

    private BrokerReceiver Receiver => _receiver ?? throw new InvalidOperationException("These actions were made for mocking.");

    /// <summary>Removes the message: it has been dealt with.</summary>
    /// <exception cref="SettlementException">The lock is lost, or the broker refused.</exception>
    public virtual Task CompleteMessageAsync(ServiceBusReceivedMessage message, CancellationToken cancellationToken = default) =>
        SettleAsync(message, Settlement.Complete, cancellationToken);

    /// <summary>Makes the message available again; counts as a failed delivery.</summary>
    /// <exception cref="SettlementException">The lock is lost, or the broker refused.</exception>
    public virtual Task AbandonMessageAsync(
        ServiceBusReceivedMessage message,
        IDictionary<string, object>? propertiesToModify = default,
        CancellationToken cancellationToken = default) =>
        SettleAsync(message, new Settlement(SettlementKind.Abandon, propertiesToModify), cancellationToken);

    /// <summary>Moves the message to the dead-letter queue.</summary>
    /// <exception cref="SettlementException">The lock is lost, or the broker refused.</exception>
    public virtual Task DeadLetterMessageAsync(
        ServiceBusReceivedMessage message,
        Dictionary<string, object>? propertiesToModify = default,
        string? deadLetterReason = default,
        string? deadLetterErrorDescription = default,
        CancellationToken cancellationToken = default) =>
        SettleAsync(
            message, new Settlement(SettlementKind.DeadLetter, propertiesToModify, deadLetterReason, deadLetterErrorDescription), cancellationToken);

    /// <summary>Sets the message aside, to be received by its sequence number only.</summary>
    /// <exception cref="SettlementException">The lock is lost, or the broker refused.</exception>
    public virtual Task DeferMessageAsync(
        ServiceBusReceivedMessage message,
        IDictionary<string, object>? propertiesToModify = default,
        CancellationToken cancellationToken = default) =>
        SettleAsync(message, new Settlement(SettlementKind.Defer, propertiesToModify), cancellationToken);

    /// <summary>Extends the message's lock. Not in sessions.</summary>
    /// <exception cref="SettlementException">The lock is lost, or the broker refused.</exception>
    public virtual Task RenewMessageLockAsync(ServiceBusReceivedMessage message, CancellationToken cancellationToken = default) =>
        SettlementException.WrapAsync(() => Receiver.RenewMessageLockAsync(ReceivedMessages.LockTokenOf(message)));

    internal bool IsSettled(ServiceBusReceivedMessage message) => _settled?.Contains(ReceivedMessages.LockTokenOf(message)) == true;

    private async Task SettleAsync(ServiceBusReceivedMessage message, Settlement settlement, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var token = ReceivedMessages.LockTokenOf(message);
        await SettlementException.WrapAsync(() => Receiver.SettleAsync(token, settlement));
        (_settled ??= []).Add(token);
    }
}

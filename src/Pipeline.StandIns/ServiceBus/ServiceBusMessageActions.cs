using Azure.Messaging.ServiceBus;
using Microsoft.Azure.Functions.Worker.Converters;
using Microsoft.Azure.ServiceBus.Grpc;

namespace Microsoft.Azure.Functions.Worker;

/// <summary>Settles the messages of one invocation. Settle before the function returns.</summary>
/// <remarks>The host settles, so a failure surfaces as <see cref="Grpc.Core.RpcException"/>, never as <see cref="ServiceBusException"/>.</remarks>
[InputConverter(typeof(ServiceBusMessageActionsConverter))]
public class ServiceBusMessageActions
{
    private readonly Settlement.SettlementClient? _settlement;

    /// <summary>For mocking.</summary>
    protected ServiceBusMessageActions()
    {
    }

    internal ServiceBusMessageActions(Settlement.SettlementClient settlement) => _settlement = settlement;

    private Settlement.SettlementClient Settlement => _settlement ?? throw new InvalidOperationException("These actions were made for mocking.");

    /// <summary>Removes the message: it has been dealt with.</summary>
    /// <exception cref="Grpc.Core.RpcException">The lock is lost, or the broker refused.</exception>
    public virtual async Task CompleteMessageAsync(ServiceBusReceivedMessage message, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(message);
        await Settlement.CompleteAsync(new CompleteRequest { Locktoken = message.LockToken }, cancellationToken: cancellationToken);
    }

    /// <summary>Makes the message available again; counts as a failed delivery.</summary>
    /// <exception cref="Grpc.Core.RpcException">The lock is lost, or the broker refused.</exception>
    public virtual async Task AbandonMessageAsync(
        ServiceBusReceivedMessage message, IDictionary<string, object>? propertiesToModify = default, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(message);
        var request = new AbandonRequest { Locktoken = message.LockToken, PropertiesToModify = AmqpProperties.Encode(propertiesToModify) };
        await Settlement.AbandonAsync(request, cancellationToken: cancellationToken);
    }

    /// <summary>Moves the message to the dead-letter queue.</summary>
    /// <exception cref="Grpc.Core.RpcException">The lock is lost, or the broker refused.</exception>
    public virtual async Task DeadLetterMessageAsync(
        ServiceBusReceivedMessage message,
        Dictionary<string, object>? propertiesToModify = default,
        string? deadLetterReason = default,
        string? deadLetterErrorDescription = default,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(message);
        var request = new DeadletterRequest
        {
            Locktoken = message.LockToken,
            PropertiesToModify = AmqpProperties.Encode(propertiesToModify),
            DeadletterReason = deadLetterReason,
            DeadletterErrorDescription = deadLetterErrorDescription,
        };
        await Settlement.DeadletterAsync(request, cancellationToken: cancellationToken);
    }

    /// <summary>Sets the message aside, to be received by its sequence number only.</summary>
    /// <exception cref="Grpc.Core.RpcException">The lock is lost, or the broker refused.</exception>
    public virtual async Task DeferMessageAsync(
        ServiceBusReceivedMessage message, IDictionary<string, object>? propertiesToModify = default, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(message);
        var request = new DeferRequest { Locktoken = message.LockToken, PropertiesToModify = AmqpProperties.Encode(propertiesToModify) };
        await Settlement.DeferAsync(request, cancellationToken: cancellationToken);
    }

    /// <summary>Extends the message's lock. Not in sessions.</summary>
    /// <exception cref="Grpc.Core.RpcException">The lock is lost, or the broker refused.</exception>
    public virtual async Task RenewMessageLockAsync(ServiceBusReceivedMessage message, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(message);
        await Settlement.RenewMessageLockAsync(new RenewMessageLockRequest { Locktoken = message.LockToken }, cancellationToken: cancellationToken);
    }
}

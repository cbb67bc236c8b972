using System.Diagnostics.CodeAnalysis;
using Azure.Messaging.ServiceBus;
using Pipeline.Local.ServiceBus;

namespace Pipeline.Testing.ServiceBus;

/// <summary>A session receiver of <see cref="InProcessServiceBus"/>.</summary>
[SuppressMessage("Usage", "CA2215", Justification = "Made as for mocking, the official types have nothing to dispose of, and would fail.")]
internal sealed class InProcessSessionReceiver(InProcessReceiver receiver, SessionLock session) : ServiceBusSessionReceiver
{
    public override string SessionId => session.SessionId;

    public override string EntityPath => receiver.EntityPath;

    public override DateTimeOffset SessionLockedUntil => session.LockedUntil;

    public override bool IsClosed => receiver.IsClosed;

    public override Task<ServiceBusReceivedMessage> ReceiveMessageAsync(TimeSpan? maxWaitTime = null, CancellationToken cancellationToken = default) =>
        receiver.ReceiveMessageAsync(maxWaitTime, cancellationToken);

    public override Task<IReadOnlyList<ServiceBusReceivedMessage>> ReceiveMessagesAsync(
        int maxMessages, TimeSpan? maxWaitTime = null, CancellationToken cancellationToken = default) =>
        receiver.ReceiveMessagesAsync(maxMessages, maxWaitTime, cancellationToken);

    public override Task<ServiceBusReceivedMessage> PeekMessageAsync(long? fromSequenceNumber = null, CancellationToken cancellationToken = default) =>
        receiver.PeekMessageAsync(fromSequenceNumber, cancellationToken);

    public override Task<IReadOnlyList<ServiceBusReceivedMessage>> PeekMessagesAsync(
        int maxMessages, long? fromSequenceNumber = null, CancellationToken cancellationToken = default) =>
        receiver.PeekMessagesAsync(maxMessages, fromSequenceNumber, cancellationToken);

    public override Task<ServiceBusReceivedMessage> ReceiveDeferredMessageAsync(long sequenceNumber, CancellationToken cancellationToken = default) =>
        receiver.ReceiveDeferredMessageAsync(sequenceNumber, cancellationToken);

    public override Task CompleteMessageAsync(ServiceBusReceivedMessage message, CancellationToken cancellationToken = default) =>
        receiver.CompleteMessageAsync(message, cancellationToken);

    public override Task AbandonMessageAsync(
        ServiceBusReceivedMessage message, IDictionary<string, object>? propertiesToModify = null, CancellationToken cancellationToken = default) =>
        receiver.AbandonMessageAsync(message, propertiesToModify, cancellationToken);

    public override Task DeferMessageAsync(
        ServiceBusReceivedMessage message, IDictionary<string, object>? propertiesToModify = null, CancellationToken cancellationToken = default) =>
        receiver.DeferMessageAsync(message, propertiesToModify, cancellationToken);

    public override Task DeadLetterMessageAsync(
        ServiceBusReceivedMessage message, IDictionary<string, object>? propertiesToModify = null, CancellationToken cancellationToken = default) =>
        receiver.DeadLetterMessageAsync(message, propertiesToModify, cancellationToken);

    public override Task DeadLetterMessageAsync(
        ServiceBusReceivedMessage message, string deadLetterReason, string? deadLetterErrorDescription = null, CancellationToken cancellationToken = default) =>
        receiver.DeadLetterMessageAsync(message, deadLetterReason, deadLetterErrorDescription, cancellationToken);

    public override Task DeadLetterMessageAsync(
        ServiceBusReceivedMessage message, IDictionary<string, object>? propertiesToModify, string deadLetterReason, string? deadLetterErrorDescription = null,
        CancellationToken cancellationToken = default) =>
        receiver.DeadLetterMessageAsync(message, propertiesToModify, deadLetterReason, deadLetterErrorDescription, cancellationToken);

    public override Task RenewSessionLockAsync(CancellationToken cancellationToken = default) => OfficialErrors.Official(() => session.Broker.RenewSessionLock(session));

    public override async Task<BinaryData> GetSessionStateAsync(CancellationToken cancellationToken = default) =>
        await OfficialErrors.Official(() => Task.FromResult(session.Broker.GetSessionState(session)!));

    public override Task SetSessionStateAsync(BinaryData sessionState, CancellationToken cancellationToken = default) =>
        OfficialErrors.Official(() => session.Broker.SetSessionState(session, sessionState));

    public override Task CloseAsync(CancellationToken cancellationToken = default)
    {
        session.Broker.Release(session);
        return receiver.CloseAsync(cancellationToken);
    }

    public override async ValueTask DisposeAsync() => await CloseAsync();
}

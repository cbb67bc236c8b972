using System.Diagnostics.CodeAnalysis;
using Azure.Messaging.ServiceBus;
using Pipeline.Local.ServiceBus;
using BrokerSettlement = Pipeline.Local.ServiceBus.Settlement;
using BrokerSettlementKind = Pipeline.Local.ServiceBus.SettlementKind;

namespace Pipeline.Testing.ServiceBus;

/// <summary>A receiver of <see cref="InProcessServiceBus"/>.</summary>
[SuppressMessage("Usage", "CA2215", Justification = "Made as for mocking, the official types have nothing to dispose of, and would fail.")]
internal sealed class InProcessReceiver(Func<Broker> broker, string path, ServiceBusReceiveMode mode, SessionLock? session = null) : ServiceBusReceiver
{
    private long _nextToPeek = 1;
    private bool _closed;

    public override string EntityPath => path;

    public override bool IsClosed => _closed;

    public override async Task<ServiceBusReceivedMessage> ReceiveMessageAsync(TimeSpan? maxWaitTime = null, CancellationToken cancellationToken = default) =>
        (await ReceiveMessagesAsync(1, maxWaitTime, cancellationToken)).SingleOrDefault()!;

    public override Task<IReadOnlyList<ServiceBusReceivedMessage>> ReceiveMessagesAsync(
        int maxMessages, TimeSpan? maxWaitTime = null, CancellationToken cancellationToken = default) => OfficialErrors.Official(async () =>
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            var deletes = mode == ServiceBusReceiveMode.ReceiveAndDelete;
            return All(await broker().ReceiveAsync(path, session, maxMessages, maxWaitTime ?? TimeSpan.FromMinutes(1), deletes, cancellationToken));
        });

    public override async Task<ServiceBusReceivedMessage> PeekMessageAsync(long? fromSequenceNumber = null, CancellationToken cancellationToken = default) =>
        (await PeekMessagesAsync(1, fromSequenceNumber, cancellationToken)).SingleOrDefault()!;

    public override Task<IReadOnlyList<ServiceBusReceivedMessage>> PeekMessagesAsync(
        int maxMessages, long? fromSequenceNumber = null, CancellationToken cancellationToken = default) => OfficialErrors.Official(() =>
        {
            var peeked = broker().Peek(path, session?.SessionId, maxMessages, fromSequenceNumber ?? _nextToPeek);
            if (peeked.Count > 0)
                _nextToPeek = peeked[^1].SequenceNumber + 1;
            return Task.FromResult(All(peeked));
        });

    public override async Task<ServiceBusReceivedMessage> ReceiveDeferredMessageAsync(long sequenceNumber, CancellationToken cancellationToken = default) =>
        (await ReceiveDeferredMessagesAsync([sequenceNumber], cancellationToken))[0];

    public override Task<IReadOnlyList<ServiceBusReceivedMessage>> ReceiveDeferredMessagesAsync(
        IEnumerable<long> sequenceNumbers, CancellationToken cancellationToken = default) =>
        OfficialErrors.Official(() => Task.FromResult(All(broker().ReceiveDeferred(path, session, sequenceNumbers.ToList(), mode == ServiceBusReceiveMode.ReceiveAndDelete))));

    public override Task CompleteMessageAsync(ServiceBusReceivedMessage message, CancellationToken cancellationToken = default) =>
        Settle(message, BrokerSettlement.Complete);

    public override Task AbandonMessageAsync(
        ServiceBusReceivedMessage message, IDictionary<string, object>? propertiesToModify = null, CancellationToken cancellationToken = default) =>
        Settle(message, new(BrokerSettlementKind.Abandon, propertiesToModify));

    public override Task DeferMessageAsync(
        ServiceBusReceivedMessage message, IDictionary<string, object>? propertiesToModify = null, CancellationToken cancellationToken = default) =>
        Settle(message, new(BrokerSettlementKind.Defer, propertiesToModify));

    public override Task DeadLetterMessageAsync(
        ServiceBusReceivedMessage message, IDictionary<string, object>? propertiesToModify = null, CancellationToken cancellationToken = default) =>
        Settle(message, new(BrokerSettlementKind.DeadLetter, propertiesToModify));

    public override Task DeadLetterMessageAsync(
        ServiceBusReceivedMessage message, string deadLetterReason, string? deadLetterErrorDescription = null, CancellationToken cancellationToken = default) =>
        Settle(message, new(BrokerSettlementKind.DeadLetter, null, deadLetterReason, deadLetterErrorDescription));

    public override Task DeadLetterMessageAsync(
        ServiceBusReceivedMessage message, IDictionary<string, object>? propertiesToModify, string deadLetterReason, string? deadLetterErrorDescription = null,
        CancellationToken cancellationToken = default) =>
        Settle(message, new(BrokerSettlementKind.DeadLetter, propertiesToModify, deadLetterReason, deadLetterErrorDescription));

    public override Task RenewMessageLockAsync(ServiceBusReceivedMessage message, CancellationToken cancellationToken = default) =>
        OfficialErrors.Official(() => broker().RenewMessageLock(path, ReceivedMessages.LockTokenOf(message)));

    public override Task CloseAsync(CancellationToken cancellationToken = default)
    {
        _closed = true;
        return Task.CompletedTask;
    }

    public override async ValueTask DisposeAsync() => await CloseAsync();

    private Task<bool> Settle(ServiceBusReceivedMessage message, BrokerSettlement settlement) => mode == ServiceBusReceiveMode.ReceiveAndDelete
        ? throw new InvalidOperationException("Messages can be settled in receive mode PeekLock only.")
        : OfficialErrors.Official(() => broker().Settle(path, session, ReceivedMessages.LockTokenOf(message), settlement, AmbientTransaction.Of(broker())));

    private static IReadOnlyList<ServiceBusReceivedMessage> All(IReadOnlyList<BrokerDelivery> deliveries) => [.. deliveries.Select(ReceivedMessages.Of)];
}

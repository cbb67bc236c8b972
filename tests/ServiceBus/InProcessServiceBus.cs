using System.Diagnostics.CodeAnalysis;
using System.Transactions;
using Azure.Messaging.ServiceBus;
using Pipeline.Local.ServiceBus;
using Pipeline.Local.Worker;
using BrokerSettlement = Pipeline.Local.ServiceBus.Settlement;
using BrokerSettlementKind = Pipeline.Local.ServiceBus.SettlementKind;

namespace Pipeline.Tests;

/// <summary>
/// A client of the official type that calls a broker directly: no network and no timers of its own, so that time stands still
/// and what is done at once is done when the call returns. For tests of the broker and of simulated processes; how the official
/// client itself fares is what the conformance tests tell.
/// </summary>
[SuppressMessage("Usage", "CA2215", Justification = "Made as for mocking, the official types have nothing to dispose of, and would fail.")]
internal sealed class InProcessServiceBus(Func<Broker> broker) : ServiceBusClient
{
    private readonly List<SessionLock> _sessions = [];
    private bool _closed;

    public override bool IsClosed => _closed;

    public override ServiceBusSender CreateSender(string queueOrTopicName) => new Sender(broker, queueOrTopicName);

    public override ServiceBusSender CreateSender(string queueOrTopicName, ServiceBusSenderOptions options) => CreateSender(queueOrTopicName);

    public override ServiceBusReceiver CreateReceiver(string queueName) => CreateReceiver(queueName, new ServiceBusReceiverOptions());

    public override ServiceBusReceiver CreateReceiver(string queueName, ServiceBusReceiverOptions options) =>
        new Receiver(broker, queueName + (options.SubQueue == SubQueue.DeadLetter ? "/$DeadLetterQueue" : ""), options.ReceiveMode);

    public override ServiceBusReceiver CreateReceiver(string topicName, string subscriptionName) =>
        CreateReceiver(topicName, subscriptionName, new ServiceBusReceiverOptions());

    public override ServiceBusReceiver CreateReceiver(string topicName, string subscriptionName, ServiceBusReceiverOptions options) =>
        CreateReceiver($"{topicName}/Subscriptions/{subscriptionName}", options);

    public override Task<ServiceBusSessionReceiver> AcceptNextSessionAsync(
        string queueName, ServiceBusSessionReceiverOptions? options = null, CancellationToken cancellationToken = default) =>
        AcceptAsync(queueName, null, cancellationToken);

    public override Task<ServiceBusSessionReceiver> AcceptNextSessionAsync(
        string topicName, string subscriptionName, ServiceBusSessionReceiverOptions? options = null, CancellationToken cancellationToken = default) =>
        AcceptAsync($"{topicName}/Subscriptions/{subscriptionName}", null, cancellationToken);

    public override Task<ServiceBusSessionReceiver> AcceptSessionAsync(
        string queueName, string sessionId, ServiceBusSessionReceiverOptions? options = null, CancellationToken cancellationToken = default) =>
        AcceptAsync(queueName, sessionId, cancellationToken);

    public override Task<ServiceBusSessionReceiver> AcceptSessionAsync(
        string topicName, string subscriptionName, string sessionId, ServiceBusSessionReceiverOptions? options = null, CancellationToken cancellationToken = default) =>
        AcceptAsync($"{topicName}/Subscriptions/{subscriptionName}", sessionId, cancellationToken);

    public override ValueTask DisposeAsync()
    {
        _closed = true;
        foreach (var session in _sessions)
            session.Broker.Release(session);
        return ValueTask.CompletedTask;
    }

    private async Task<ServiceBusSessionReceiver> AcceptAsync(string path, string? sessionId, CancellationToken cancellationToken) => await Official(async () =>
    {
        var session = await broker().AcceptSessionAsync(path, sessionId, TimeSpan.FromMinutes(1), cancellationToken);
        _sessions.Add(session);
        return new SessionReceiver(new Receiver(broker, path, ServiceBusReceiveMode.PeekLock, session), session);
    });

    private static async Task<T> Official<T>(Func<Task<T>> call)
    {
        try
        {
            return await call();
        }
        catch (BrokerException error)
        {
            // As the official client sees them.
            var isTransient = error.Reason is BrokerFailure.GeneralError or BrokerFailure.ServiceBusy or BrokerFailure.ServiceTimeout or BrokerFailure.ServiceCommunicationProblem;
            throw new ServiceBusException(
                isTransient, error.Problem, error.EntityPath, Enum.Parse<ServiceBusFailureReason>(error.Reason.ToString()), error.InnerException ?? error);
        }
    }

    private static Task<bool> Official(Action call) => Official(() =>
    {
        call();
        return Task.FromResult(true);
    });

    private sealed class Sender(Func<Broker> broker, string path) : ServiceBusSender
    {
        private readonly Dictionary<ServiceBusMessageBatch, List<ServiceBusMessage>> _batches = [];

        public override string EntityPath => path;

        public override Task SendMessageAsync(ServiceBusMessage message, CancellationToken cancellationToken = default) => SendAsync([message], cancellationToken);

        public override Task SendMessagesAsync(IEnumerable<ServiceBusMessage> messages, CancellationToken cancellationToken = default) =>
            messages.ToList() is { Count: > 0 } all ? SendAsync(all, cancellationToken) : Task.CompletedTask;

        public override Task SendMessagesAsync(ServiceBusMessageBatch messageBatch, CancellationToken cancellationToken = default) =>
            SendMessagesAsync(_batches[messageBatch], cancellationToken);

        public override ValueTask<ServiceBusMessageBatch> CreateMessageBatchAsync(CancellationToken cancellationToken = default)
        {
            var (kept, size) = (new List<ServiceBusMessage>(), MessageSize.BatchEnvelopeBytes);
            var batch = ServiceBusModelFactory.ServiceBusMessageBatch(0, kept, tryAddCallback: message =>
            {
                var larger = size + MessageSize.InBatch(ToSend(message));
                if (larger > MessageSize.MaxBytes)
                    return false;
                size = larger;
                return true;
            });
            _batches.Add(batch, kept);
            return ValueTask.FromResult(batch);
        }

        public override async Task<long> ScheduleMessageAsync(
            ServiceBusMessage message, DateTimeOffset scheduledEnqueueTime, CancellationToken cancellationToken = default) =>
            (await ScheduleMessagesAsync([message], scheduledEnqueueTime, cancellationToken))[0];

        public override Task<IReadOnlyList<long>> ScheduleMessagesAsync(
            IEnumerable<ServiceBusMessage> messages, DateTimeOffset scheduledEnqueueTime, CancellationToken cancellationToken = default)
        {
            var all = messages.ToList();
            foreach (var message in all)
                message.ScheduledEnqueueTime = scheduledEnqueueTime;
            return SendAsync(all, cancellationToken);
        }

        public override Task CancelScheduledMessageAsync(long sequenceNumber, CancellationToken cancellationToken = default) =>
            CancelScheduledMessagesAsync([sequenceNumber], cancellationToken);

        public override Task CancelScheduledMessagesAsync(IEnumerable<long> sequenceNumbers, CancellationToken cancellationToken = default) =>
            Official(() => broker().CancelScheduled(path, sequenceNumbers.ToList(), AmbientTransaction.Of(broker())));

        public override Task CloseAsync(CancellationToken cancellationToken = default) => Task.CompletedTask;

        public override ValueTask DisposeAsync() => ValueTask.CompletedTask;

        private Task<IReadOnlyList<long>> SendAsync(IReadOnlyList<ServiceBusMessage> messages, CancellationToken cancellationToken) =>
            Official(() => broker().SendAsync(path, [.. messages.Select(ToSend)], AmbientTransaction.Of(broker()), cancellationToken));

        internal static MessageToSend ToSend(ServiceBusMessage message)
        {
            var sent = new MessageToSend(BinaryData.FromBytes(message.Body.ToArray()))
            {
                MessageId = message.MessageId,
                SessionId = message.SessionId,
                PartitionKey = message.PartitionKey,
                ReplyToSessionId = message.ReplyToSessionId,
                TransactionPartitionKey = message.TransactionPartitionKey,
                TimeToLive = message.TimeToLive,
                CorrelationId = message.CorrelationId,
                Subject = message.Subject,
                To = message.To,
                ContentType = message.ContentType,
                ReplyTo = message.ReplyTo,
                ScheduledEnqueueTime = message.ScheduledEnqueueTime,
            };
            foreach (var (name, value) in message.ApplicationProperties)
                sent.ApplicationProperties[name] = value;
            return sent;
        }
    }

    private sealed class Receiver(Func<Broker> broker, string path, ServiceBusReceiveMode mode, SessionLock? session = null) : ServiceBusReceiver
    {
        private long _nextToPeek = 1;
        private bool _closed;

        public override string EntityPath => path;

        public override bool IsClosed => _closed;

        public override async Task<ServiceBusReceivedMessage> ReceiveMessageAsync(TimeSpan? maxWaitTime = null, CancellationToken cancellationToken = default) =>
            (await ReceiveMessagesAsync(1, maxWaitTime, cancellationToken)).SingleOrDefault()!;

        public override Task<IReadOnlyList<ServiceBusReceivedMessage>> ReceiveMessagesAsync(
            int maxMessages, TimeSpan? maxWaitTime = null, CancellationToken cancellationToken = default) => Official(async () =>
            {
                ObjectDisposedException.ThrowIf(_closed, this);
                var deletes = mode == ServiceBusReceiveMode.ReceiveAndDelete;
                return All(await broker().ReceiveAsync(path, session, maxMessages, maxWaitTime ?? TimeSpan.FromMinutes(1), deletes, cancellationToken));
            });

        public override async Task<ServiceBusReceivedMessage> PeekMessageAsync(long? fromSequenceNumber = null, CancellationToken cancellationToken = default) =>
            (await PeekMessagesAsync(1, fromSequenceNumber, cancellationToken)).SingleOrDefault()!;

        public override Task<IReadOnlyList<ServiceBusReceivedMessage>> PeekMessagesAsync(
            int maxMessages, long? fromSequenceNumber = null, CancellationToken cancellationToken = default) => Official(() =>
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
            Official(() => Task.FromResult(All(broker().ReceiveDeferred(path, session, sequenceNumbers.ToList(), mode == ServiceBusReceiveMode.ReceiveAndDelete))));

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
            Official(() => broker().RenewMessageLock(path, ReceivedMessages.LockTokenOf(message)));

        public override Task CloseAsync(CancellationToken cancellationToken = default)
        {
            _closed = true;
            return Task.CompletedTask;
        }

        public override async ValueTask DisposeAsync() => await CloseAsync();

        private Task Settle(ServiceBusReceivedMessage message, BrokerSettlement settlement) => mode == ServiceBusReceiveMode.ReceiveAndDelete
            ? throw new InvalidOperationException("Messages can be settled in receive mode PeekLock only.")
            : Official(() => broker().Settle(path, session, ReceivedMessages.LockTokenOf(message), settlement, AmbientTransaction.Of(broker())));

        private static IReadOnlyList<ServiceBusReceivedMessage> All(IReadOnlyList<BrokerDelivery> deliveries) => [.. deliveries.Select(ReceivedMessages.Of)];
    }

    /// <summary>What is done within an ambient transaction, until that is committed or rolled back.</summary>
    private sealed class AmbientTransaction(Broker broker) : IPromotableSinglePhaseNotification
    {
        private static readonly Dictionary<string, AmbientTransaction> Active = new(StringComparer.Ordinal);

        private readonly BrokerTransaction _operations = new(broker);

        public static BrokerTransaction? Of(Broker broker)
        {
            if (Transaction.Current is not { } ambient)
                return null;
            var id = ambient.TransactionInformation.LocalIdentifier;
            lock (Active)
            {
                if (!Active.TryGetValue(id, out var transaction))
                {
                    Active.Add(id, transaction = new AmbientTransaction(broker));
                    ambient.EnlistPromotableSinglePhase(transaction);
                    ambient.TransactionCompleted += (_, _) =>
                    {
                        lock (Active)
                            Active.Remove(id);
                    };
                }

                return transaction._operations;
            }
        }

        public void Initialize()
        {
        }

        public void SinglePhaseCommit(SinglePhaseEnlistment singlePhaseEnlistment)
        {
            try
            {
                broker.Commit(_operations);
            }
            catch (BrokerException error)
            {
                singlePhaseEnlistment.Aborted(error);
                return;
            }

            singlePhaseEnlistment.Committed();
        }

        public void Rollback(SinglePhaseEnlistment singlePhaseEnlistment) => singlePhaseEnlistment.Aborted();

        public byte[] Promote() => throw new TransactionPromotionException("The broker is no part of other transactions.");
    }

    private sealed class SessionReceiver(Receiver receiver, SessionLock session) : ServiceBusSessionReceiver
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

        public override Task RenewSessionLockAsync(CancellationToken cancellationToken = default) => Official(() => session.Broker.RenewSessionLock(session));

        public override async Task<BinaryData> GetSessionStateAsync(CancellationToken cancellationToken = default) =>
            await Official(() => Task.FromResult(session.Broker.GetSessionState(session)!));

        public override Task SetSessionStateAsync(BinaryData sessionState, CancellationToken cancellationToken = default) =>
            Official(() => session.Broker.SetSessionState(session, sessionState));

        public override Task CloseAsync(CancellationToken cancellationToken = default)
        {
            session.Broker.Release(session);
            return receiver.CloseAsync(cancellationToken);
        }

        public override async ValueTask DisposeAsync() => await CloseAsync();
    }
}

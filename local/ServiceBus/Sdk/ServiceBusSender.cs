using Pipeline.Local.ServiceBus;

namespace Azure.Messaging.ServiceBus;

/// <summary>Sends to one queue or topic.</summary>
public class ServiceBusSender : IAsyncDisposable
{
    private readonly ServiceBusClient? _client;

    /// <summary>For mocking.</summary>
    protected ServiceBusSender()
    {
        EntityPath = "";
        Identifier = "";
    }

    /// <summary>For derived senders.</summary>
    protected ServiceBusSender(ServiceBusClient client, string queueOrTopicName)
        : this(client, queueOrTopicName, new ServiceBusSenderOptions())
    {
    }

    /// <summary>For derived senders.</summary>
    protected ServiceBusSender(ServiceBusClient client, string queueOrTopicName, ServiceBusSenderOptions options)
        : this(client, queueOrTopicName, options?.Identifier)
    {
    }

    internal ServiceBusSender(ServiceBusClient client, string queueOrTopicName, string? identifier)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentException.ThrowIfNullOrWhiteSpace(queueOrTopicName);
        _client = client;
        EntityPath = queueOrTopicName;
        Identifier = ServiceBusClient.NameOr(identifier, queueOrTopicName);
    }

    /// <summary>The queue or topic.</summary>
    public virtual string EntityPath { get; }

    /// <summary>Host name of the namespace.</summary>
    public virtual string FullyQualifiedNamespace => _client?.FullyQualifiedNamespace ?? "";

    /// <summary>Name for logs.</summary>
    public virtual string Identifier { get; }

    /// <summary>Whether the sender or its client has been closed.</summary>
    public virtual bool IsClosed
    {
        get => field || _client is { IsClosed: true };
        private set;
    }

    private Broker Broker
    {
        get
        {
            ObjectDisposedException.ThrowIf(IsClosed, this);
            return (_client ?? throw new InvalidOperationException("This sender was made for mocking.")).Broker;
        }
    }

    /// <summary>Sends a message. When the task has completed, the broker keeps it.</summary>
    /// <exception cref="ServiceBusException">Not sent, or (timeout, communication problem) perhaps sent.</exception>
    /// <exception cref="InvalidOperationException">A queue that requires sessions was sent a message without a session id.</exception>
    public virtual async Task SendMessageAsync(ServiceBusMessage message, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(message);
        await SendAsync([message], cancellationToken);
    }

    /// <summary>Sends messages in one piece: all of them or none. No message, no call.</summary>
    public virtual async Task SendMessagesAsync(IEnumerable<ServiceBusMessage> messages, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        ServiceBusMessage[] all = [.. messages];
        _ = Broker;
        if (all.Length > 0)
            await SendAsync(all, cancellationToken);
    }

    /// <summary>Sends a batch: all of its messages or none.</summary>
    public virtual async Task SendMessagesAsync(ServiceBusMessageBatch messageBatch, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messageBatch);
        await SendMessagesAsync(messageBatch.Messages, cancellationToken);
    }

    /// <summary>An empty batch of the largest size.</summary>
    public virtual ValueTask<ServiceBusMessageBatch> CreateMessageBatchAsync(CancellationToken cancellationToken = default) =>
        CreateMessageBatchAsync(new CreateMessageBatchOptions(), cancellationToken);

    /// <summary>An empty batch.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The size asked for is more than the broker takes.</exception>
    public virtual async ValueTask<ServiceBusMessageBatch> CreateMessageBatchAsync(
        CreateMessageBatchOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        cancellationToken.ThrowIfCancellationRequested();
        ObjectDisposedException.ThrowIf(IsClosed, this);
        var limit = options.MaxSizeInBytes ?? MessageSize.MaxBytes;
        if (limit > MessageSize.MaxBytes)
            throw new ArgumentOutOfRangeException(nameof(options), limit, $"A batch has at most {MessageSize.MaxBytes} bytes.");
        return new ServiceBusMessageBatch(limit);
    }

    /// <summary>Has a message enqueued at a time; one that has come means at once.</summary>
    /// <returns>The number to cancel it by until then.</returns>
    public virtual async Task<long> ScheduleMessageAsync(
        ServiceBusMessage message, DateTimeOffset scheduledEnqueueTime, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(message);
        return (await ScheduleMessagesAsync([message], scheduledEnqueueTime, cancellationToken))[0];
    }

    /// <summary>Has messages enqueued at a time, all or none.</summary>
    /// <returns>The numbers to cancel them by until then, in the order of the messages.</returns>
    public virtual async Task<IReadOnlyList<long>> ScheduleMessagesAsync(
        IEnumerable<ServiceBusMessage> messages, DateTimeOffset scheduledEnqueueTime, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        ServiceBusMessage[] all = [.. messages];
        _ = Broker;
        if (all.Length == 0)
            return [];
        foreach (var message in all)
            message.ScheduledEnqueueTime = scheduledEnqueueTime;
        return await SendAsync(all, cancellationToken);
    }

    /// <summary>Takes back a scheduled message.</summary>
    /// <exception cref="ServiceBusException"><see cref="ServiceBusFailureReason.MessageNotFound"/>: not scheduled (any more).</exception>
    public virtual Task CancelScheduledMessageAsync(long sequenceNumber, CancellationToken cancellationToken = default) =>
        CancelScheduledMessagesAsync([sequenceNumber], cancellationToken);

    /// <summary>Takes back scheduled messages, all or none.</summary>
    /// <exception cref="ServiceBusException"><see cref="ServiceBusFailureReason.MessageNotFound"/>: one is not scheduled.</exception>
    public virtual async Task CancelScheduledMessagesAsync(IEnumerable<long> sequenceNumbers, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(sequenceNumbers);
        cancellationToken.ThrowIfCancellationRequested();
        var broker = Broker;
        _client!.Use(EntityPath, receives: false);
        await _client.Retries.RunAsync(
            broker,
            BrokerCall.Settle,
            EntityPath,
            (EntityPath, Numbers: sequenceNumbers.ToArray(), Transaction: ServiceBusTransaction.Enlist(_client, EntityPath)),
            static (broker, s) =>
            {
                broker.CancelScheduled(s.EntityPath, s.Numbers, s.Transaction);
                return Task.FromResult(true);
            },
            null,
            cancellationToken);
    }

    /// <summary>Closes the sender.</summary>
    public virtual Task CloseAsync(CancellationToken cancellationToken = default)
    {
        IsClosed = true;
        return Task.CompletedTask;
    }

    /// <summary>Closes the sender.</summary>
    public virtual async ValueTask DisposeAsync()
    {
        await CloseAsync();
        GC.SuppressFinalize(this);
    }

    /// <inheritdoc/>
    public override string ToString() => $"{nameof(ServiceBusSender)} of {EntityPath}";

    private Task<IReadOnlyList<long>> SendAsync(ServiceBusMessage[] messages, CancellationToken cancellationToken)
    {
        var broker = Broker;
        _client!.Use(EntityPath, receives: false);
        var transaction = ServiceBusTransaction.Enlist(_client, EntityPath);
        return broker.Faults is null
            ? broker.SendAsync(EntityPath, messages, transaction, cancellationToken)
            : _client.Retries.RunAsync(
                broker,
                BrokerCall.Send,
                EntityPath,
                (EntityPath, messages, transaction, cancellationToken),
                static (broker, s) => broker.SendAsync(s.EntityPath, s.messages, s.transaction, s.cancellationToken),
                null,
                cancellationToken);
    }
}

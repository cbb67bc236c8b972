using System.Runtime.CompilerServices;
using Pipeline.Local.ServiceBus;

namespace Azure.Messaging.ServiceBus;

/// <summary>Receives from a queue, a subscription or a dead-letter queue, and settles what it received.</summary>
public partial class ServiceBusReceiver : IAsyncDisposable
{
    private const int MaxDeadLetterTextLength = 4096;

    private long _nextToPeek = 1;

    /// <summary>For mocking.</summary>
    protected ServiceBusReceiver()
    {
        EntityPath = "";
        Identifier = "";
    }

    internal ServiceBusReceiver(ServiceBusClient client, string path, ServiceBusReceiveMode mode, int prefetchCount, string? identifier)
    {
        if (prefetchCount != 0)
            throw new NotSupportedException("The embedded broker does not prefetch: leave PrefetchCount at 0.");
        Client = client;
        EntityPath = path;
        ReceiveMode = mode;
        Identifier = ServiceBusClient.NameOr(identifier, path);
    }

    /// <summary>The queue, subscription or dead-letter queue.</summary>
    public virtual string EntityPath { get; }

    /// <summary>Host name of the namespace.</summary>
    public virtual string FullyQualifiedNamespace => Client?.FullyQualifiedNamespace ?? "";

    /// <summary>Name for logs.</summary>
    public virtual string Identifier { get; }

    /// <summary>Whether the receiver or its client has been closed.</summary>
    public virtual bool IsClosed => Closed || Client is { IsClosed: true };

    /// <summary>Always 0.</summary>
    public virtual int PrefetchCount => 0;

    /// <summary>How messages are taken.</summary>
    public virtual ServiceBusReceiveMode ReceiveMode { get; }

    /// <summary>The lock of a session receiver.</summary>
    internal virtual SessionLock? Session => null;

    private protected ServiceBusClient? Client { get; }

    private protected bool Closed { get; private set; }

    private bool Deletes => ReceiveMode == ServiceBusReceiveMode.ReceiveAndDelete;

    private protected Broker Broker
    {
        get
        {
            ObjectDisposedException.ThrowIf(IsClosed, this);
            return (Client ?? throw new InvalidOperationException("This receiver was made for mocking.")).Broker;
        }
    }

    /// <summary>The next message, or <see langword="null"/> if none came in time.</summary>
    /// <param name="maxWaitTime">How long to wait, more than zero; <see langword="null"/>: the client's try timeout.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ServiceBusException">The entity does not exist, or the session's lock is lost.</exception>
    /// <exception cref="InvalidOperationException">The entity requires sessions, and this is not a session receiver.</exception>
    public virtual async Task<ServiceBusReceivedMessage?> ReceiveMessageAsync(
        TimeSpan? maxWaitTime = default, CancellationToken cancellationToken = default)
    {
        var messages = await ReceiveMessagesAsync(1, maxWaitTime, cancellationToken);
        return messages.Count == 0 ? null : messages[0];
    }

    /// <summary>The next messages, as soon as there is one; none if none came in time.</summary>
    public virtual async Task<IReadOnlyList<ServiceBusReceivedMessage>> ReceiveMessagesAsync(
        int maxMessages, TimeSpan? maxWaitTime = default, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxMessages);
        if (maxWaitTime is { } wait)
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(wait, TimeSpan.Zero, nameof(maxWaitTime));
        var broker = Broker;
        Client!.Use(EntityPath, receives: true);
        var timeout = maxWaitTime ?? Client.TryTimeout;
        return broker.Faults is null
            ? await broker.ReceiveAsync(EntityPath, Session, maxMessages, timeout, Deletes, cancellationToken)
            : await ReceiveWithFaultsAsync(broker, maxMessages, timeout, cancellationToken);
    }

    /// <summary>Messages as they come, until cancelled.</summary>
    public virtual async IAsyncEnumerable<ServiceBusReceivedMessage> ReceiveMessagesAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            if (await ReceiveMessageAsync(null, cancellationToken) is { } message)
                yield return message;
        }
    }

    /// <summary>Looks at the next message without locking it; <see langword="null"/> behind the last.</summary>
    public virtual async Task<ServiceBusReceivedMessage?> PeekMessageAsync(
        long? fromSequenceNumber = default, CancellationToken cancellationToken = default)
    {
        var messages = await PeekMessagesAsync(1, fromSequenceNumber, cancellationToken);
        return messages.Count == 0 ? null : messages[0];
    }

    /// <summary>
    /// Looks at messages by sequence number without locking them: available, locked, deferred and scheduled ones.
    /// Goes on behind the last one looked at where no number is given.
    /// </summary>
    public virtual async Task<IReadOnlyList<ServiceBusReceivedMessage>> PeekMessagesAsync(
        int maxMessages, long? fromSequenceNumber = default, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxMessages);
        cancellationToken.ThrowIfCancellationRequested();
        Client?.Use(EntityPath, receives: true);
        var messages = await RunAsync(
            BrokerCall.Read,
            (Receiver: this, maxMessages, From: fromSequenceNumber ?? _nextToPeek),
            static (broker, s) => broker.Peek(s.Receiver.EntityPath, s.Receiver.Session, s.maxMessages, s.From),
            cancellationToken);
        if (messages.Count > 0)
            _nextToPeek = messages[^1].SequenceNumber + 1;
        return messages;
    }

    /// <summary>Receives a deferred message.</summary>
    /// <exception cref="ServiceBusException"><see cref="ServiceBusFailureReason.MessageNotFound"/>.</exception>
    public virtual async Task<ServiceBusReceivedMessage> ReceiveDeferredMessageAsync(
        long sequenceNumber, CancellationToken cancellationToken = default) =>
        (await ReceiveDeferredMessagesAsync([sequenceNumber], cancellationToken))[0];

    /// <summary>Receives deferred messages, all or none.</summary>
    /// <exception cref="ServiceBusException"><see cref="ServiceBusFailureReason.MessageNotFound"/>.</exception>
    public virtual async Task<IReadOnlyList<ServiceBusReceivedMessage>> ReceiveDeferredMessagesAsync(
        IEnumerable<long> sequenceNumbers, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(sequenceNumbers);
        cancellationToken.ThrowIfCancellationRequested();
        Client?.Use(EntityPath, receives: true);
        return await RunAsync(
            BrokerCall.Read,
            (Receiver: this, Numbers: sequenceNumbers.ToArray()),
            static (broker, s) => broker.ReceiveDeferred(s.Receiver.EntityPath, s.Receiver.Session, s.Numbers, s.Receiver.Deletes),
            cancellationToken);
    }

    /// <summary>Removes a received message: it has been dealt with.</summary>
    /// <exception cref="ServiceBusException">The lock of the message or of its session is lost.</exception>
    public virtual Task CompleteMessageAsync(ServiceBusReceivedMessage message, CancellationToken cancellationToken = default) =>
        Settle(message, Settlement.Complete, cancellationToken);

    /// <summary>Makes a received message available again at its place; counts as a failed delivery.</summary>
    /// <exception cref="ServiceBusException">The lock of the message or of its session is lost.</exception>
    public virtual Task AbandonMessageAsync(
        ServiceBusReceivedMessage message,
        IDictionary<string, object>? propertiesToModify = default,
        CancellationToken cancellationToken = default) =>
        Settle(message, new Settlement(SettlementKind.Abandon, propertiesToModify), cancellationToken);

    /// <summary>Sets a received message aside, to be received by its sequence number only.</summary>
    /// <exception cref="ServiceBusException">The lock of the message or of its session is lost.</exception>
    public virtual Task DeferMessageAsync(
        ServiceBusReceivedMessage message,
        IDictionary<string, object>? propertiesToModify = default,
        CancellationToken cancellationToken = default) =>
        Settle(message, new Settlement(SettlementKind.Defer, propertiesToModify), cancellationToken);

    /// <summary>Moves a received message to the dead-letter queue.</summary>
    /// <exception cref="ServiceBusException">The lock of the message or of its session is lost.</exception>
    public virtual Task DeadLetterMessageAsync(
        ServiceBusReceivedMessage message,
        IDictionary<string, object>? propertiesToModify = default,
        CancellationToken cancellationToken = default) =>
        Settle(message, new Settlement(SettlementKind.DeadLetter, propertiesToModify), cancellationToken);

    /// <summary>Moves a received message to the dead-letter queue. Reason and description: at most 4,096 characters.</summary>
    /// <exception cref="ServiceBusException">The lock of the message or of its session is lost.</exception>
    public virtual Task DeadLetterMessageAsync(
        ServiceBusReceivedMessage message,
        string? deadLetterReason,
        string? deadLetterErrorDescription = default,
        CancellationToken cancellationToken = default) =>
        DeadLetterMessageAsync(message, null, deadLetterReason, deadLetterErrorDescription, cancellationToken);

    /// <summary>Moves a received message to the dead-letter queue. Reason and description: at most 4,096 characters.</summary>
    /// <exception cref="ServiceBusException">The lock of the message or of its session is lost.</exception>
    public virtual async Task DeadLetterMessageAsync(
        ServiceBusReceivedMessage message,
        IDictionary<string, object>? propertiesToModify,
        string? deadLetterReason,
        string? deadLetterErrorDescription = default,
        CancellationToken cancellationToken = default)
    {
        NotTooLong(deadLetterReason, nameof(deadLetterReason));
        NotTooLong(deadLetterErrorDescription, nameof(deadLetterErrorDescription));
        await Settle(
            message,
            new Settlement(SettlementKind.DeadLetter, propertiesToModify, deadLetterReason, deadLetterErrorDescription),
            cancellationToken);
    }

    /// <summary>Extends a message's lock by the lock duration. Not in sessions, where the session's lock is renewed.</summary>
    /// <exception cref="ServiceBusException">The lock is lost.</exception>
    public virtual async Task RenewMessageLockAsync(ServiceBusReceivedMessage message, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(message);
        cancellationToken.ThrowIfCancellationRequested();
        if (Session is not null)
            throw new InvalidOperationException("In a session it is the session's lock that is renewed.");
        message.OwnLockedUntil = await RunAsync(
            BrokerCall.Renew,
            (Receiver: this, Message: message),
            static (broker, s) => broker.RenewMessageLock(s.Receiver.EntityPath, s.Message),
            cancellationToken,
            static (broker, s) => broker.LoseLock(s.Receiver.EntityPath, null, s.Message.SequenceNumber));
    }

    /// <summary>Closes the receiver. Messages that it has locked stay locked until their locks expire.</summary>
    public virtual Task CloseAsync(CancellationToken cancellationToken = default)
    {
        Closed = true;
        return Task.CompletedTask;
    }

    /// <summary>Closes the receiver.</summary>
    public virtual async ValueTask DisposeAsync()
    {
        await CloseAsync();
        GC.SuppressFinalize(this);
    }

    /// <inheritdoc/>
    public override string ToString() => $"{GetType().Name} of {EntityPath}";

    private static void NotTooLong(string? text, string parameter)
    {
        if (text?.Length > MaxDeadLetterTextLength)
            throw new ArgumentOutOfRangeException(parameter, text.Length, $"More than {MaxDeadLetterTextLength} characters.");
    }
}

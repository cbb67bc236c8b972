using System.Collections.Concurrent;
using Azure.Core;
using Pipeline.Local.ServiceBus;

namespace Azure.Messaging.ServiceBus;

/// <summary>
/// A client of the broker embedded in this process: same members and behaviour as the Azure client of this name, as
/// far as they are offered. It opens no connection; the namespace's host name selects the broker.
/// </summary>
public class ServiceBusClient : IAsyncDisposable
{
    private static long _made;
    private readonly ConcurrentDictionary<SessionLock, bool> _sessions = [];
    private readonly TimeSpan _tryTimeout = TimeSpan.FromMinutes(1);
    private string? _via;

    /// <summary>For mocking.</summary>
    protected ServiceBusClient()
    {
        FullyQualifiedNamespace = "";
        Identifier = "";
    }

    /// <summary>A client for the namespace in a connection string.</summary>
    public ServiceBusClient(string connectionString)
        : this(connectionString, new ServiceBusClientOptions())
    {
    }

    /// <summary>A client for the namespace in a connection string.</summary>
    /// <exception cref="FormatException">The connection string has no <c>Endpoint=sb://host</c>.</exception>
    public ServiceBusClient(string connectionString, ServiceBusClientOptions options)
        : this(HostOf(connectionString), options, nameof(connectionString))
    {
    }

    /// <summary>A client for a namespace. The credential is not used: nothing leaves this process.</summary>
    public ServiceBusClient(string fullyQualifiedNamespace, TokenCredential credential)
        : this(fullyQualifiedNamespace, credential, new ServiceBusClientOptions())
    {
    }

    /// <summary>A client for a namespace. The credential is not used: nothing leaves this process.</summary>
    public ServiceBusClient(string fullyQualifiedNamespace, TokenCredential credential, ServiceBusClientOptions options)
        : this(fullyQualifiedNamespace, options, nameof(fullyQualifiedNamespace)) => ArgumentNullException.ThrowIfNull(credential);

    private ServiceBusClient(string host, ServiceBusClientOptions? options, string parameter)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(host, parameter);
        FullyQualifiedNamespace = host;
        _tryTimeout = options?.RetryOptions?.TryTimeout ?? _tryTimeout;
        Retries = new ServiceBusRetries(options?.RetryOptions ?? new ServiceBusRetryOptions());
        EnablesCrossEntityTransactions = options?.EnableCrossEntityTransactions ?? false;
        TransportType = options?.TransportType ?? default;
        Identifier = NameOr(options?.Identifier, host);
    }

    /// <summary>Host name of the namespace.</summary>
    public virtual string FullyQualifiedNamespace { get; }

    /// <summary>Name for logs.</summary>
    public virtual string Identifier { get; }

    /// <summary>Whether the client has been disposed of.</summary>
    public virtual bool IsClosed { get; private set; }

    /// <summary>The protocol asked for; without effect.</summary>
    public ServiceBusTransportType TransportType { get; }

    internal TimeSpan TryTimeout => _tryTimeout;

    internal ServiceBusRetries Retries { get; } = new(new ServiceBusRetryOptions());

    internal bool EnablesCrossEntityTransactions { get; }

    /// <summary>The broker of this namespace.</summary>
    /// <exception cref="ObjectDisposedException">The client is closed.</exception>
    /// <exception cref="ServiceBusException">No broker of that name runs in this process.</exception>
    internal Broker Broker
    {
        get
        {
            ObjectDisposedException.ThrowIf(IsClosed, this);
            return Broker.Find(FullyQualifiedNamespace);
        }
    }

    /// <summary>A sender to a queue or topic.</summary>
    public virtual ServiceBusSender CreateSender(string queueOrTopicName) => CreateSender(queueOrTopicName, new ServiceBusSenderOptions());

    /// <summary>A sender to a queue or topic.</summary>
    public virtual ServiceBusSender CreateSender(string queueOrTopicName, ServiceBusSenderOptions options)
    {
        ThrowIfClosed();
        return new ServiceBusSender(this, queueOrTopicName, options?.Identifier);
    }

    /// <summary>A receiver of a queue.</summary>
    public virtual ServiceBusReceiver CreateReceiver(string queueName) => CreateReceiver(queueName, new ServiceBusReceiverOptions());

    /// <summary>A receiver of a queue or its dead-letter queue.</summary>
    public virtual ServiceBusReceiver CreateReceiver(string queueName, ServiceBusReceiverOptions options)
    {
        ThrowIfClosed();
        ArgumentException.ThrowIfNullOrWhiteSpace(queueName);
        return Receiver(queueName, options);
    }

    /// <summary>A receiver of a subscription.</summary>
    public virtual ServiceBusReceiver CreateReceiver(string topicName, string subscriptionName) =>
        CreateReceiver(topicName, subscriptionName, new ServiceBusReceiverOptions());

    /// <summary>A receiver of a subscription or its dead-letter queue.</summary>
    public virtual ServiceBusReceiver CreateReceiver(string topicName, string subscriptionName, ServiceBusReceiverOptions options)
    {
        ThrowIfClosed();
        return Receiver(SubscriptionPath(topicName, subscriptionName), options);
    }

    /// <summary>Locks the session of a queue that has waited longest, waiting up to the try timeout for one.</summary>
    /// <exception cref="ServiceBusException"><see cref="ServiceBusFailureReason.ServiceTimeout"/>: no session had a message.</exception>
    public virtual Task<ServiceBusSessionReceiver> AcceptNextSessionAsync(
        string queueName, ServiceBusSessionReceiverOptions? options = default, CancellationToken cancellationToken = default) =>
        AcceptAsync(queueName, null, options, cancellationToken);

    /// <summary>Locks the session of a subscription that has waited longest, waiting up to the try timeout for one.</summary>
    /// <exception cref="ServiceBusException"><see cref="ServiceBusFailureReason.ServiceTimeout"/>: no session had a message.</exception>
    public virtual Task<ServiceBusSessionReceiver> AcceptNextSessionAsync(
        string topicName,
        string subscriptionName,
        ServiceBusSessionReceiverOptions? options = default,
        CancellationToken cancellationToken = default) =>
        AcceptAsync(SubscriptionPath(topicName, subscriptionName), null, options, cancellationToken);

    /// <summary>Locks one session of a queue, which may be empty.</summary>
    /// <exception cref="ServiceBusException"><see cref="ServiceBusFailureReason.SessionCannotBeLocked"/>: another has it.</exception>
    public virtual async Task<ServiceBusSessionReceiver> AcceptSessionAsync(
        string queueName,
        string sessionId,
        ServiceBusSessionReceiverOptions? options = default,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(sessionId);
        return await AcceptAsync(queueName, sessionId, options, cancellationToken);
    }

    /// <summary>Locks one session of a subscription, which may be empty.</summary>
    /// <exception cref="ServiceBusException"><see cref="ServiceBusFailureReason.SessionCannotBeLocked"/>: another has it.</exception>
    public virtual async Task<ServiceBusSessionReceiver> AcceptSessionAsync(
        string topicName,
        string subscriptionName,
        string sessionId,
        ServiceBusSessionReceiverOptions? options = default,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(sessionId);
        return await AcceptAsync(SubscriptionPath(topicName, subscriptionName), sessionId, options, cancellationToken);
    }

    /// <summary>Closes the client: its sessions are released, and what was created from it fails from then on.</summary>
    public virtual ValueTask DisposeAsync()
    {
        IsClosed = true;
        foreach (var session in _sessions.Keys)
            Release(session);
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public override string ToString() => $"{nameof(ServiceBusClient)} of {FullyQualifiedNamespace}";

    internal void Release(SessionLock session)
    {
        // Not through Broker, which needs an open client: the lock knows its broker, and releasing twice is no error.
        session.Broker.Release(session);
        _sessions.TryRemove(session, out _);
    }

    /// <summary>
    /// Notes which entity a client with cross-entity transactions uses first. Sends go to any entity by way of that one; who
    /// receives elsewhere could not be part of their transactions.
    /// </summary>
    /// <exception cref="InvalidOperationException">It receives, and from another entity than the first.</exception>
    internal void Use(string path, bool receives)
    {
        if (!EnablesCrossEntityTransactions)
            return;
        var entity = TopLevel(path);
        var via = Interlocked.CompareExchange(ref _via, entity, null) ?? entity;
        if (receives && !via.Equals(entity, StringComparison.OrdinalIgnoreCase))
        {
            throw new InvalidOperationException(
                $"This client has {nameof(ServiceBusClientOptions.EnableCrossEntityTransactions)} and used '{via}' first, so it cannot receive from " +
                $"'{entity}'. Receive before sending, or use another client.");
        }
    }

    /// <summary>The queue or topic of a path.</summary>
    internal static string TopLevel(string path) => path.IndexOf('/', StringComparison.Ordinal) is > 0 and var end ? path[..end] : path;

    internal static string NameOr(string? identifier, string prefix) =>
        string.IsNullOrEmpty(identifier)
            ? string.Create(CultureInfo.InvariantCulture, $"{prefix}-{Interlocked.Increment(ref _made)}")
            : identifier;

    private static string SubscriptionPath(string topicName, string subscriptionName)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(topicName);
        ArgumentException.ThrowIfNullOrWhiteSpace(subscriptionName);
        return $"{topicName}/Subscriptions/{subscriptionName}";
    }

    private static string HostOf(string connectionString)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(connectionString);
        foreach (var part in connectionString.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            const string Key = "Endpoint=";
            if (part.StartsWith(Key, StringComparison.OrdinalIgnoreCase)
                && Uri.TryCreate(part[Key.Length..], UriKind.Absolute, out var endpoint)
                && endpoint.Host.Length > 0)
            {
                return endpoint.Host;
            }
        }

        throw new FormatException("The Service Bus connection string has no 'Endpoint=sb://host'.");
    }

    private async Task<ServiceBusSessionReceiver> AcceptAsync(
        string path, string? sessionId, ServiceBusSessionReceiverOptions? options, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        options ??= new ServiceBusSessionReceiverOptions();
        Use(path, receives: true);
        var session = await Retries.RunAsync(
            Broker,
            BrokerCall.Read,
            path,
            (path, sessionId, TryTimeout, cancellationToken),
            static (broker, s) => broker.AcceptSessionAsync(s.path, s.sessionId, s.TryTimeout, s.cancellationToken),
            null,
            cancellationToken);
        _sessions.TryAdd(session, true);
        return new ServiceBusSessionReceiver(this, path, session, options);
    }

    private ServiceBusReceiver Receiver(string path, ServiceBusReceiverOptions? options)
    {
        options ??= new ServiceBusReceiverOptions();
        var subQueue = options.SubQueue switch
        {
            SubQueue.None => "",
            SubQueue.DeadLetter => "/$DeadLetterQueue",
            _ => throw new NotSupportedException("The embedded broker forwards at once, so it has no transfer dead-letter queues."),
        };
        return new ServiceBusReceiver(this, path + subQueue, options.ReceiveMode, options.PrefetchCount, options.Identifier);
    }

    private void ThrowIfClosed() => ObjectDisposedException.ThrowIf(IsClosed, this);
}

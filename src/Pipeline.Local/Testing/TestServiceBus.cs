using System.Collections.Concurrent;
using Azure.Messaging.ServiceBus;
using Pipeline.Local.ServiceBus;

namespace Pipeline.Local.Testing;

/// <summary>The Service Bus namespace of a <see cref="PipelineHost"/>. Entities are named <c>queue</c>, <c>topic</c> or <c>topic/subscription</c>.</summary>
public sealed class TestServiceBus : IAsyncDisposable
{
    /// <summary>As many as a test can want to look at.</summary>
    private const int MaxSent = 100_000;

    private readonly LocalPlatform _platform;
    private readonly ConcurrentQueue<(string Entity, MessageToSend Message)> _sent = new();
    private readonly Lazy<ServiceBusClient> _client;
    private readonly ConcurrentDictionary<string, ServiceBusSender> _senders = new(StringComparer.OrdinalIgnoreCase);
    private int _failures;
    private string? _failingEntity;
    private bool _acceptsFirst;

    internal TestServiceBus(LocalPlatform platform)
    {
        _platform = platform;
        platform.Broker.OnAccepted = Keep;
        _client = new Lazy<ServiceBusClient>(() => new ServiceBusClient(
            platform.ServiceBusConnectionString, new ServiceBusClientOptions { RetryOptions = { MaxRetries = 0 } }));
    }

    /// <summary>An official client of the namespace, for what the members here do not offer. It tries nothing again by itself.</summary>
    public ServiceBusClient Client => _client.Value;

    /// <summary>The messages that queues and topics have accepted so far, whoever sent them; the oldest are forgotten beyond 100,000.</summary>
    internal IReadOnlyCollection<(string Entity, MessageToSend Message)> Sent => [.. _sent];

    /// <summary>Names of all queues, topics, subscriptions and their dead-letter queues.</summary>
    public IReadOnlyList<string> Entities => _platform.Broker.EntityNames;

    /// <summary>Sends messages to a queue or topic, in this order.</summary>
    /// <exception cref="ServiceBusException">There is no such entity, or a fault was asked for.</exception>
    public async Task SendAsync(string entity, params ServiceBusMessage[] messages)
    {
        await _senders.GetOrAdd(entity, Client.CreateSender).SendMessagesAsync(messages);
    }

    /// <summary>Sends one message with a text.</summary>
    /// <param name="entity">A queue or topic.</param>
    /// <param name="body">The text.</param>
    /// <param name="sessionId">The session; <see langword="null"/> where the entity has none.</param>
    public Task SendAsync(string entity, string body, string? sessionId = null) =>
        SendAsync(entity, new ServiceBusMessage(body) { SessionId = sessionId });

    /// <summary>Messages of a queue or subscription, locked and deferred ones included, by sequence number. Changes nothing.</summary>
    /// <param name="entity">A queue, or <c>topic/subscription</c>.</param>
    /// <param name="max">The most to return.</param>
    public Task<IReadOnlyList<ServiceBusReceivedMessage>> PeekAsync(string entity, int max = 100) => PeekAsync(entity, SubQueue.None, max);

    /// <summary>Messages of the dead-letter queue of a queue or subscription, with reason and description. Changes nothing.</summary>
    /// <param name="entity">A queue, or <c>topic/subscription</c>.</param>
    /// <param name="max">The most to return.</param>
    public Task<IReadOnlyList<ServiceBusReceivedMessage>> PeekDeadLettersAsync(string entity, int max = 100) => PeekAsync(entity, SubQueue.DeadLetter, max);

    /// <summary>What an entity holds.</summary>
    /// <exception cref="ArgumentException">There is no such entity.</exception>
    public MessageCounts Counts(string entity)
    {
        var counts = CountsOf(entity);
        return new MessageCounts(counts.Active, counts.Locked, counts.Deferred, counts.Scheduled, counts.DeadLettered);
    }

    /// <summary>
    /// Lets the next sends fail with a transient error, whoever sends. The official client tries again by itself, as its
    /// <see cref="ServiceBusRetryOptions"/> say: each of its attempts is one.
    /// </summary>
    /// <param name="times">How many; 0: none any more.</param>
    /// <param name="entity">Only sends to this queue or topic. Default: to any.</param>
    /// <param name="acceptsFirst">Whether the messages are accepted all the same, and only the answer is lost.</param>
    public void FailSends(int times = 1, string? entity = null, bool acceptsFirst = false)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(times);
        (_failures, _failingEntity, _acceptsFirst) = (times, entity, acceptsFirst);
        _platform.Broker.OnSend = (name, _) => ValueTask.FromResult(FaultOf(name));
    }

    /// <summary>Lets the lock of a session run out now, as if its receiver had not renewed it. Nothing happens if it is not locked.</summary>
    public void ExpireSessionLock(string entity, string sessionId) => _platform.Broker.ExpireSessionLock(PathOf(entity), sessionId);

    /// <summary>Delivers a share of all messages twice, as Azure may at any time.</summary>
    /// <param name="fraction">From 0 to 1.</param>
    /// <param name="seed">The same sends in the same order get the same duplicates with the same seed.</param>
    public void DuplicateMessages(double fraction, int seed = 1) => _platform.Broker.DuplicateMessages(fraction, new Random(seed));

    /// <summary>Disposes of the client.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_client.IsValueCreated)
            await _client.Value.DisposeAsync();
    }

    private void Keep(string entity, IReadOnlyList<MessageToSend> messages)
    {
        foreach (var message in messages)
            _sent.Enqueue((entity, message));
        while (_sent.Count > MaxSent)
            _sent.TryDequeue(out _);
    }

    private EntityCounts CountsOf(string entity)
    {
        try
        {
            return _platform.Broker.Counts(PathOf(entity));
        }
        catch (BrokerException error)
        {
            throw new ArgumentException(error.Message, nameof(entity), error);
        }
    }

    private static string PathOf(string entity) => entity.Split('/') is [var topic, var subscription] ? $"{topic}/Subscriptions/{subscription}" : entity;

    private async Task<IReadOnlyList<ServiceBusReceivedMessage>> PeekAsync(string entity, SubQueue subQueue, int max)
    {
        var options = new ServiceBusReceiverOptions { SubQueue = subQueue };
        await using var receiver = entity.Split('/') is [var topic, var subscription]
            ? Client.CreateReceiver(topic, subscription, options)
            : Client.CreateReceiver(entity, options);
        return await receiver.PeekMessagesAsync(max);
    }

    private SendFault FaultOf(string entity)
    {
        if ((_failingEntity is not null && !_failingEntity.Equals(entity, StringComparison.OrdinalIgnoreCase)) || Interlocked.Decrement(ref _failures) < 0)
            return SendFault.None;
        return _acceptsFirst
            ? SendFault.AcceptThenFail()
            : SendFault.FailBeforeAccepting(new BrokerException("A test lets this send fail.", BrokerFailure.GeneralError));
    }
}

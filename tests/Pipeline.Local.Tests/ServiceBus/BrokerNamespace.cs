using Azure.Messaging.ServiceBus;
using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.Local.Hosting;
using Pipeline.Local.ServiceBus;

namespace Pipeline.Tests;

/// <summary>A namespace of its own for a test, in memory or in a folder that goes with it.</summary>
internal sealed class BrokerNamespace : IAsyncDisposable
{
    public const string Placed = "com.contoso.order-placed.v1";
    public const string Cancelled = "com.contoso.order-cancelled.v1";
    public const string Billing = "orders/billing";
    public const string Audit = "orders/audit";
    public const string Work = "work";
    public const string Plain = "plain";
    public const string DeadLetterQueueSuffix = "/$DeadLetterQueue";

    public static readonly TimeSpan LockDuration = TimeSpan.FromMinutes(1);

    public static readonly BrokerTopology Topology = new()
    {
        LockDuration = LockDuration,
        MaxDeliveryCount = 3,
        DuplicateDetectionWindow = TimeSpan.FromMinutes(10),
        Topics =
        [
            new TopicDefinition
            {
                Name = "orders",
                Subscriptions =
                [
                    new SubscriptionDefinition { Name = "billing", Types = [Placed, Cancelled] },
                    new SubscriptionDefinition { Name = "audit", Types = [Placed], RequiresSession = false },
                ],
            },
        ],
        Queues =
        [
            new QueueDefinition { Name = Work },
            new QueueDefinition { Name = Plain, RequiresSession = false },
        ],
    };

    private readonly string? _directory;
    private ServiceBusEndpoint? _endpoint;

    private BrokerNamespace(string? directory, BrokerTopology topology)
    {
        _directory = directory;
        Broker = Open(topology);
        Client = new InProcessServiceBus(() => Broker);
    }

    public BrokerClock Clock { get; } = new();

    public Broker Broker { get; private set; }

    /// <summary>Calls the broker directly.</summary>
    public ServiceBusClient Client { get; }

    /// <summary>Where the official client reaches the broker.</summary>
    public ServiceBusEndpoint Endpoint => _endpoint ??= ServiceBusEndpoint.Open(Broker, 0, new LoopbackGuard([], null), NullLogger.Instance);

    public string JournalPath => Path.Combine(_directory!, "servicebus.journal");

    public static BrokerNamespace InMemory(BrokerTopology? topology = null) => new(null, topology ?? Topology);

    public static BrokerNamespace OnDisk() => new(Directory.CreateTempSubdirectory("broker-").FullName, Topology);

    public static ServiceBusMessage Message(string id, string? session = "s1", string? body = null) =>
        new(body ?? id) { MessageId = id, SessionId = session };

    public static ServiceBusMessage Event(string id, string? session = "s1", string type = Placed, string replayFor = "all") =>
        new(id)
        {
            MessageId = id,
            SessionId = session,
            ApplicationProperties = { ["cloudEvents_type"] = type, ["replayfor"] = replayFor },
        };

    /// <summary>An official client, over AMQP. The caller disposes of it.</summary>
    public ServiceBusClient Connect(ServiceBusClientOptions? options = null) => new(Endpoint.ConnectionString, options ?? new ServiceBusClientOptions());

    /// <summary>Closes the namespace, or ends it as by kill -9, and opens it on the same data.</summary>
    public void Restart(bool kill = false, BrokerTopology? topology = null)
    {
        if (kill)
            Broker.Kill();
        else
            Broker.Dispose();
        Broker = Open(topology ?? Topology);
    }

    /// <summary>As <see cref="Restart"/>, for tests whose clients are connected: they find the namespace at another port then.</summary>
    public async Task RestartAsync(bool kill = false, BrokerTopology? topology = null)
    {
        if (_endpoint is not null)
            await _endpoint.DisposeAsync();
        _endpoint = null;
        Restart(kill, topology);
    }

    public async Task SendAsync(string entity, params ServiceBusMessage[] messages) =>
        await Client.CreateSender(entity).SendMessagesAsync(messages);

    public Task SendAsync(string entity, params string[] ids) => SendAsync(entity, [.. ids.Select(id => Message(id))]);

    public async Task<ServiceBusSessionReceiver> AcceptAsync(string entity, string? session = null)
    {
        var names = entity.Split('/');
        return (names.Length, session) switch
        {
            (1, null) => await Client.AcceptNextSessionAsync(entity),
            (1, _) => await Client.AcceptSessionAsync(entity, session),
            (_, null) => await Client.AcceptNextSessionAsync(names[0], names[1]),
            (_, _) => await Client.AcceptSessionAsync(names[0], names[1], session),
        };
    }

    /// <summary>The messages that can be received now, without waiting.</summary>
    public static async Task<IReadOnlyList<ServiceBusReceivedMessage>> ReceiveAllAsync(ServiceBusReceiver receiver)
    {
        var all = new List<ServiceBusReceivedMessage>();
        while (true)
        {
            using var stop = new CancellationTokenSource();
            var received = receiver.ReceiveMessagesAsync(100, null, stop.Token);
            if (!received.IsCompleted)
            {
                await stop.CancelAsync();
                await Assert.ThrowsAnyAsync<OperationCanceledException>(() => received);
                return all;
            }

            all.AddRange(await received);
        }
    }

    public static async Task<ServiceBusException> FailsAsync(ServiceBusFailureReason reason, Func<Task> call)
    {
        var error = await Assert.ThrowsAsync<ServiceBusException>(call);
        Assert.Equal(reason, error.Reason);
        return error;
    }

    public static IEnumerable<string> Ids(IEnumerable<ServiceBusReceivedMessage> messages) => messages.Select(m => m.MessageId!);

    public async ValueTask DisposeAsync()
    {
        await Client.DisposeAsync();
        if (_endpoint is not null)
            await _endpoint.DisposeAsync();
        Broker.Dispose();
        if (_directory is not null)
            Directory.Delete(_directory, recursive: true);
    }

    private Broker Open(BrokerTopology topology) => Broker.Open(topology, _directory, Clock, NullLogger.Instance);
}

using System.Net;
using System.Text.Json;
using Azure.Messaging.ServiceBus;
using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.AzureFunctions;
using Pipeline.AzureFunctions.ChangeFeed;
using Pipeline.AzureFunctions.Configuration;
using Pipeline.AzureFunctions.Consumers;
using Pipeline.AzureFunctions.EventGrid;
using Pipeline.AzureFunctions.Http;
using Pipeline.AzureFunctions.ServiceBus;
using Pipeline.Commands;
using Pipeline.Consumers;
using Pipeline.Feeds;
using Pipeline.Client;
using Pipeline.DeadLetters;
using Pipeline.Functions;
using Pipeline.Local.Cosmos;
using Pipeline.Local.ServiceBus;
using Pipeline.Messages;
using Pipeline.Operations;
using Pipeline.Outbox;
using Pipeline.Replay;
using Pipeline.Services.Inventory;
using Pipeline.Services.Ordering;
using Pipeline.Services.Reporting;
using Pipeline.Storage;
using SettlementKind = Pipeline.Consumers.SettlementKind;

namespace Pipeline.Tests;

/// <summary>
/// Cosmos DB and Service Bus in memory, and simulated processes on them that run the real relays, consumers and intakes,
/// one step after the other: no host, no threads of its own, no waiting.
/// </summary>
internal sealed class Simulation : IAsyncDisposable
{
    private static int _next;

    private readonly string _name = Invariant($"simulation-{Interlocked.Increment(ref _next)}.local");
    private readonly Dictionary<string, string?> _continuations = new(StringComparer.Ordinal);

    /// <param name="topology">The file with topics and subscriptions; <see langword="null"/> for topology.json.</param>
    public Simulation(string? topology = null)
    {
        Payloads = new InMemoryPayloads(Clock);
        Cosmos = CosmosEndpoint.Open(null, Clock, NullLogger.Instance);
        foreach (var container in Invariants.Containers.Append(Names.Gateways).Append(PipelineNames.Replays))
            Cosmos.EnsureContainer(Names.Database, container);
        Broker = Broker.Open(BrokerTopology.Read(topology ?? Path.Combine(AppContext.BaseDirectory, "topology.json")), null, Clock, NullLogger.Instance);
    }

    public SimulationClock Clock { get; } = new();

    public CosmosEndpoint Cosmos { get; }

    public Broker Broker { get; }

    public InMemoryPayloads Payloads { get; }

    /// <summary>Changes what every simulated process is composed of.</summary>
    public Action<IServiceCollection>? Configure { get; set; }

    public Dictionary<string, string?> Continuations => _continuations;

    /// <summary>What was published to Event Grid and is still to be delivered.</summary>
    public SimulatedTopic EventGrid { get; } = new();

    /// <summary>A client of the broker.</summary>
    public ServiceBusClient Client() => new InProcessServiceBus(() => Broker);

    public string CosmosConnectionString =>
        $"AccountEndpoint=http://{_name}/;AccountKey=C2y6yDjf5/R+ob0N8A7Cgv30VRDJIWEHLM+4QDU5DE2nQ9nDuVTqobD4b8mGGyPMbIZnqyMsEcaGQy67XIw/Jw==";

    public SimulatedProcess Start(FaultPlan? plan = null) => new(this, plan ?? new FaultPlan());

    /// <summary>Restarts after a crash: the locks of the dead process run out.</summary>
    public SimulatedProcess Restart(FaultPlan? plan = null)
    {
        Clock.Advance(TimeSpan.FromSeconds(61));
        return Start(plan);
    }

    public ValueTask DisposeAsync()
    {
        Broker.Dispose();
        Cosmos.Dispose();
        return ValueTask.CompletedTask;
    }
}

/// <summary>One process: what the functions app is composed of, driven step by step.</summary>
internal sealed class SimulatedProcess : IAsyncDisposable
{
    private const int MaxOperations = 20_000;

    private readonly Simulation _simulation;
    private readonly ServiceProvider _provider;
    private readonly CosmosClient _cosmos;
    private readonly ServiceBusClient _serviceBus;

    public SimulatedProcess(Simulation simulation, FaultPlan plan)
    {
        _simulation = simulation;
        Plan = plan;
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(new Dictionary<string, string?>
            {
                [PipelineNames.Cosmos] = simulation.CosmosConnectionString,
                [PipelineNames.ServiceBus] = "Endpoint=sb://localhost;SharedAccessKeyName=k;SharedAccessKey=v;UseDevelopmentEmulator=true",
                [PipelineNames.EventGrid + ":topicEndpoint"] = "none",
            })
            .Build();
        Environment.SetEnvironmentVariable("COSMOS_DISABLE_IMDS_ACCESS", "true");
        var services = new ServiceCollection();
        services.AddSingleton<TimeProvider>(simulation.Clock);
        services.AddSingleton(new Random(1));
        services.AddSingleton(typeof(ILogger<>), typeof(NullLogger<>));
        services.AddPipeline(configuration, Sample.Definition, Sample.Configure);
        services.AddHttpClient(PipelineNames.Cosmos).ConfigurePrimaryHttpMessageHandler(() => new FaultHandler(simulation.Cosmos.CreateHandler(), plan));
        services.AddSingleton<IMessageSender>(p => new FaultSender(ActivatorUtilities.CreateInstance<ServiceBusMessageSender>(p), plan));
        services.AddSingleton(simulation.Payloads.For(plan));
        services.AddSingleton<IEventPublisher>(simulation.EventGrid.PublisherFor(plan));
        services.AddSingleton<ISalesSource, StoredSales>();
        services.AddSingleton(simulation.Client());
        simulation.Configure?.Invoke(services);
        _provider = services.BuildServiceProvider();
        _cosmos = _provider.GetRequiredService<CosmosClient>();
        _serviceBus = _provider.GetRequiredService<ServiceBusClient>();
    }

    public FaultPlan Plan { get; }

    public IServiceProvider Services => _provider;

    public CommandRunner<Order> Orders => _provider.GetRequiredService<CommandRunner<Order>>();

    public CommandRunner<SkuStock> Stock => _provider.GetRequiredService<CommandRunner<SkuStock>>();

    public CosmosPartitionStore Store(string container) => _provider.GetRequiredService<Stores>().Of(container);

    public Container Container(string name) => _cosmos.GetContainer(Names.Database, name);

    public IReadOnlyCollection<Relay> Relays => _provider.GetRequiredService<Relays>().All;

    public PayloadCollector Collector => _provider.GetRequiredService<PayloadCollector>();

    public SubjectReplayer Replayer => _provider.GetRequiredService<SubjectReplayer>();

    public ReplayCoordinator Replays => _provider.GetRequiredService<ReplayCoordinator>();

    /// <summary>Plans a replay and applies it at once.</summary>
    public Task<ReplaySummary> ReplayAsync(DeadLetterFilter selection, bool only = false, int rate = ReplayRequest.MaxRate) =>
        TryReplayAsync(selection, only, rate).AllowedAsync();

    public async Task<Refusable<ReplaySummary>> TryReplayAsync(DeadLetterFilter selection, bool only = false, int rate = ReplayRequest.MaxRate)
    {
        var planned = await Replays.PlanAsync(new ReplayRequest { Selection = selection, Only = only, Rate = rate }, CancellationToken.None);
        return planned.Value is { } plan ? await Replays.ApplyAsync(plan.ReplayId, CancellationToken.None) : planned;
    }

    /// <summary>Places an order the way the HTTP function does.</summary>
    public Task<CommandResult<Order>> PlaceAsync(string key, string customer = "c-1", params (string Sku, int Quantity)[] lines)
    {
        var orderId = "o-" + key;
        var order = new PlaceOrder
        {
            CustomerId = customer,
            Currency = "EUR",
            Lines = [.. lines.Select(l => new PlaceOrderLine { Sku = l.Sku, Quantity = l.Quantity, UnitPrice = 10m })],
        };
        return Orders.RunAsync(
            new HttpCommand { Partition = orderId, IdempotencyKey = key, RequestHash = key, Type = "PlaceOrder" },
            (state, _) => OrderDecisions.Place(state, order, orderId),
            CancellationToken.None);
    }

    public Task<CommandResult<Order>> CancelAsync(string orderId) => Orders.RunAsync(
        new HttpCommand { Partition = orderId, IdempotencyKey = "cancel", RequestHash = "", Type = "CancelOrder" },
        (order, context) => OrderDecisions.CancelByCustomer(order, "Changed my mind.", context),
        CancellationToken.None);

    public Task SetStockAsync(string sku, int onHand) => Stock.RunAsync(
        new HttpCommand { Partition = "sku-" + sku, IdempotencyKey = Invariant($"set-{onHand}"), RequestHash = "", Type = "SetStock" },
        (stock, _) => SkuStock.SetOnHand(stock, sku, onHand),
        CancellationToken.None);

    /// <summary>Feeds, consumes, sweeps and takes in until nothing is left to do, except for what is on hold.</summary>
    public async Task RunUntilQuietAsync(params string[] onHold)
    {
        var idle = 0;
        while (idle < 2)
        {
            if (Plan.Count > MaxOperations)
                throw new InvalidOperationException("It never becomes quiet:\n" + string.Join('\n', Plan.Operations.TakeLast(50)));
            var progress = false;
            foreach (var relay in Relays)
                progress |= await FeedAsync(relay);
            foreach (var consumer in _provider.GetRequiredService<IEnumerable<Consumer>>().Where(c => !onHold.Contains(c.Name)))
            {
                progress |= await ConsumeAsync(consumer.Name);
                progress |= await TakeInAsync(consumer.Name);
            }

            progress |= await DeliverEventsAsync();

            if (progress)
            {
                idle = 0;
                continue;
            }

            _simulation.Clock.Advance(TimeSpan.FromSeconds(15));
            foreach (var relay in Relays)
                await relay.SweepAsync(CancellationToken.None);
            await Replays.SweepAsync(CancellationToken.None);
            idle++;
        }
    }

    /// <summary>As <see cref="RunUntilQuietAsync"/>, and on to when held messages are due, until none is left or the time has come.</summary>
    public async Task RunUntilNothingIsHeldAsync(DateTimeOffset? until = null)
    {
        await RunUntilQuietAsync();
        var last = DateTimeOffset.MinValue;
        while (await NextRetryAsync() is { } due && (until is null || due <= until))
        {
            if (due <= last)
                throw new InvalidOperationException($"What was due at {due:O} was not tried again:\n" + string.Join('\n', Plan.Operations.TakeLast(50)));
            last = due;
            if (due > _simulation.Clock.GetUtcNow())
                _simulation.Clock.Advance(due - _simulation.Clock.GetUtcNow());
            await RunUntilQuietAsync();
        }
    }

    /// <summary>When the next held message is due; <see langword="null"/> if none is held.</summary>
    public async Task<DateTimeOffset?> NextRetryAsync()
    {
        var due = new List<DateTimeOffset>();
        foreach (var container in Invariants.Containers)
        {
            due.AddRange((await Invariants.AllAsync(Container(container), "deadletter"))
                .Where(e => e.TryGetProperty("retryAt", out _)).Select(e => e.GetProperty("retryAt").GetDateTimeOffset()));
        }

        return due.Count == 0 ? null : due.Min();
    }

    /// <summary>Hands one page of a container's change feed to its relay, as the trigger does. False if there was none.</summary>
    public async Task<bool> FeedAsync(Relay relay)
    {
        var at = _simulation.Continuations.GetValueOrDefault(relay.Name);
        using var iterator = Container(relay.Name).GetChangeFeedStreamIterator(
            at is null ? ChangeFeedStartFrom.Beginning() : ChangeFeedStartFrom.ContinuationToken(at), ChangeFeedMode.Incremental);
        using var response = await iterator.ReadNextAsync();
        if (response.StatusCode == HttpStatusCode.NotModified)
            return false;
        response.EnsureSuccessStatusCode();
        using var page = await JsonDocument.ParseAsync(response.Content);
        await relay.OnFeedAsync([.. page.RootElement.GetProperty("Documents").EnumerateArray()], CancellationToken.None);
        _simulation.Continuations[relay.Name] = response.ContinuationToken;
        return true;
    }

    /// <summary>Handles what waits for one consumer, session by session. False if nothing did.</summary>
    public async Task<bool> ConsumeAsync(string consumer)
    {
        if (!AppTopology.HasSessions(consumer))
            return await ConsumeBatchesAsync(consumer);
        var progress = false;
        while (_simulation.Broker.Counts(consumer).Active > 0)
        {
            var session = await AcceptAsync(consumer);
            while (await session.ReceiveMessageAsync(TimeSpan.FromSeconds(1)) is { } message)
            {
                progress = true;
                var settlement = await _provider.GetRequiredService<ConsumerRunners>().RunnerOf(consumer)
                    .HandleAsync(Settlements.DeliveryOf(message), CancellationToken.None);
                await Plan.RunAsync($"settle {consumer} {settlement.Kind}", async () =>
                {
                    await SettleAsync(session, message, settlement);
                    return true;
                });
            }

            // Not in a finally: a process that died in between closes nothing.
            await session.DisposeAsync();
        }

        return progress;
    }

    /// <summary>Handles what waits in a subscription without sessions, many messages at a time.</summary>
    private async Task<bool> ConsumeBatchesAsync(string consumer)
    {
        if (_simulation.Broker.Counts(consumer).Active == 0)
            return false;
        var parts = consumer.Split('/');
        var receiver = _serviceBus.CreateReceiver(parts[0], parts[1]);
        while (await receiver.ReceiveMessagesAsync(20, TimeSpan.FromSeconds(1)) is { Count: > 0 } messages)
        {
            var settlements = await _provider.GetRequiredService<ConsumerRunners>().RunnerOf(consumer)
                .HandleBatchAsync([.. messages.Select(Settlements.DeliveryOf)], CancellationToken.None);
            for (var i = 0; i < messages.Count; i++)
            {
                var (message, settlement) = (messages[i], settlements[i]);
                await Plan.RunAsync($"settle {consumer} {settlement.Kind}", async () =>
                {
                    await SettleAsync(receiver, message, settlement);
                    return true;
                });
            }
        }

        await receiver.DisposeAsync();
        return true;
    }

    /// <summary>Delivers what waits in Event Grid; what is not handled stays there.</summary>
    public async Task<bool> DeliverEventsAsync()
    {
        var progress = false;
        foreach (var cloudEvent in _simulation.EventGrid.Waiting())
        {
            var functions = new EventGridFunctions(_provider.GetRequiredService<EventGridTriggers>());
            try
            {
                await Plan.RunAsync("deliver " + cloudEvent.Id, async () =>
                {
                    await functions.Notify(cloudEvent, CancellationToken.None);
                    return true;
                });
                _simulation.EventGrid.Delivered(cloudEvent);
                progress = true;
            }
            catch (InvalidOperationException)
            {
                // Event Grid delivers it again.
            }
        }

        return progress;
    }

    /// <summary>Handles the next message of a consumer; the session is given back, and the message is not settled.</summary>
    public async Task<Consumers.Settlement> HandleNextAsync(string consumer)
    {
        await using var session = await AcceptAsync(consumer);
        var message = await session.ReceiveMessageAsync(TimeSpan.FromSeconds(1));
        return await _provider.GetRequiredService<ConsumerRunners>().RunnerOf(consumer).HandleAsync(Settlements.DeliveryOf(message!), CancellationToken.None);
    }

    /// <summary>Moves the next message of a consumer to its dead-letter queue, unseen by the consumer.</summary>
    public async Task DeadLetterNextAsync(string consumer)
    {
        await using var session = await AcceptAsync(consumer);
        var message = await session.ReceiveMessageAsync(TimeSpan.FromSeconds(1));
        await session.DeadLetterMessageAsync(message!, "ByTheBroker", "as after too many deliveries");
    }

    /// <summary>Empties a consumer's dead-letter queue. False if it was empty.</summary>
    public async Task<bool> TakeInAsync(string consumer)
    {
        if (_simulation.Broker.Counts(consumer).DeadLettered == 0)
            return false;
        var parts = consumer.Split('/');
        var options = new ServiceBusReceiverOptions { SubQueue = SubQueue.DeadLetter };
        var receiver = parts.Length == 2
            ? _serviceBus.CreateReceiver(parts[0], parts[1], options)
            : _serviceBus.CreateReceiver(parts[0], options);
        while (await receiver.ReceiveMessageAsync(TimeSpan.FromSeconds(1)) is { } message)
        {
            var settlement = await _provider.GetRequiredService<ConsumerRunners>().DeadLetterQueueProcessorOf(consumer)
                .HandleAsync(Settlements.DeliveryOf(message), CancellationToken.None);
            await Plan.RunAsync($"settle {consumer} intake {settlement.Kind}", async () =>
            {
                await SettleAsync(receiver, message, settlement);
                return true;
            });
        }

        await receiver.DisposeAsync();
        return true;
    }

    private static Task SettleAsync(ServiceBusReceiver receiver, ServiceBusReceivedMessage message, Consumers.Settlement settlement) => settlement.Kind switch
    {
        SettlementKind.Complete => receiver.CompleteMessageAsync(message),
        SettlementKind.DeadLetter => receiver.DeadLetterMessageAsync(message, settlement.Reason, settlement.Description),
        SettlementKind.GiveBack => receiver.AbandonMessageAsync(message, Settlements.DeliveryOf(message).GiveBackProperties()),
        _ => receiver.AbandonMessageAsync(message),
    };

    private async Task<ServiceBusSessionReceiver> AcceptAsync(string consumer)
    {
        var parts = consumer.Split('/');
        return parts.Length == 2 ? await _serviceBus.AcceptNextSessionAsync(parts[0], parts[1]) : await _serviceBus.AcceptNextSessionAsync(parts[0]);
    }

    /// <summary>A dead process closes nothing: its locks stay until they run out.</summary>
    public ValueTask DisposeAsync() => Plan.IsDead ? ValueTask.CompletedTask : _provider.DisposeAsync();
}

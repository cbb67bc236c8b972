using System.Reflection;
using System.Text.Json;
using Microsoft.Azure.Functions.Worker;
using Pipeline.Contracts;
using Pipeline.Contracts.Ordering;
using Pipeline.Functions;
using Pipeline.Services;

namespace Pipeline.Tests;

/// <summary>topology.json is the one list of entities: code, contracts, consumers and triggers are held against it.</summary>
public sealed class TopologyTests
{
    private static readonly JsonElement Topology =
        JsonDocument.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "topology.json"))).RootElement;

    private static List<MethodInfo> FunctionMethods { get; } =
    [
        .. typeof(Relays).Assembly.GetTypes().SelectMany(t => t.GetMethods()).Where(m => m.GetCustomAttribute<FunctionAttribute>() is not null),
    ];

    /// <summary>Subscriptions as topic/subscription, and queues, each with the types that it takes (queues: null).</summary>
    private static Dictionary<string, List<string>?> Entities { get; } = ReadEntities();

    [Fact]
    public void Every_service_bus_trigger_has_its_entity_and_asks_for_sessions_exactly_where_there_are_some()
    {
        var triggers = TriggersOf<ServiceBusTriggerAttribute>();
        Assert.Equal(2 * Entities.Count, triggers.Count);
        foreach (var trigger in triggers)
        {
            var path = trigger.QueueName ?? $"{trigger.TopicName}/{trigger.SubscriptionName}";
            var isDeadLetterQueue = path.EndsWith("/$DeadLetterQueue", StringComparison.Ordinal);
            Assert.Contains(path.Replace("/$DeadLetterQueue", "", StringComparison.Ordinal), Entities.Keys);
            Assert.Equal(!isDeadLetterQueue && AppTopology.HasSessions(path), trigger.IsSessionsEnabled);
            Assert.Equal(Names.ServiceBus, trigger.Connection);
        }
    }

    [Fact]
    public void Every_entity_has_a_consumer_and_an_intake()
    {
        var paths = TriggersOf<ServiceBusTriggerAttribute>().Select(t => t.QueueName ?? $"{t.TopicName}/{t.SubscriptionName}").ToHashSet();
        Assert.All(Entities.Keys, entity => Assert.Contains(entity, paths));
        Assert.All(Entities.Keys, entity => Assert.Contains(entity + "/$DeadLetterQueue", paths));
        Assert.Equal(Entities.Keys.Order(), Catalog.Consumers.Select(c => c.Name).Order());
    }

    [Fact]
    public void Every_subscription_takes_exactly_the_types_that_its_consumer_handles_in_one_version_or_another()
    {
        foreach (var consumer in Catalog.Consumers)
        {
            var handled = consumer.Handles.Select(t => ContractCatalog.All.Single(c => c.DataType == t)).ToList();
            if (consumer.Name.Contains('/', StringComparison.Ordinal) && !AppTopology.HasSessions(consumer.Name))
                Assert.True(consumer.IsUnordered, $"{consumer.Name} has no sessions, so it has to take messages in any order.");
            if (EventGridSubscriptionOf(consumer.Name) is { } events)
                AssertFits(consumer, events);
            else if (Entities[consumer.Name] is { } types)
                AssertFits(consumer, types);
            else
                Assert.Equal(ContractCatalog.All.Where(c => c.Destination == consumer.Name).Select(c => c.Type).Order(), handled.Select(c => c.Type).Order());
        }
    }

    /// <summary>G7: the window of a move is not closed, nor a version retired, while a consumer gets only that.</summary>
    [Fact]
    public void G7_Every_consumer_gets_a_version_that_is_published()
    {
        Assert.Empty(Forsaken(ContractCatalog.All));

        // Closed too early; and retired, too.
        var v1 = new Contract<OrderPlaced>(
            "com.contoso.ordering.order-placed.v1", ContractKind.StateTransfer, "ordering", ContractJson.Default.OrderPlaced, "{orderId}", e => e.OrderId, isPublic: true).UpcastTo(OrderPlacedVersions.Upcast);
        var v2 = new Contract<OrderPlacedV2>(
            "com.contoso.ordering.order-placed.v2", ContractKind.StateTransfer, "ordering", ContractJson.Default.OrderPlacedV2, "{orderId}", e => e.OrderId, isPublic: true);
        var others = ContractCatalog.All.Where(c => c.Name != "order-placed").ToList();
        string[] expected = ["ordering/shipping gets com.contoso.ordering.order-placed.v1, which is published no more", "notify gets com.contoso.ordering.order-placed.v1, which is published no more"];
        Assert.Equal(expected, Forsaken([.. others, v1, v2]));
        Assert.Equal(expected, Forsaken([.. others, v1.Retired(), v2]));
    }

    /// <summary>The queue of a consumer that is fed by Event Grid carries its replays only.</summary>
    [Fact]
    public void Every_event_grid_subscription_takes_public_facts_and_has_an_order_free_consumer()
    {
        foreach (var subscription in Topology.GetProperty("eventGrid").GetProperty("subscriptions").EnumerateArray())
        {
            foreach (var type in subscription.GetProperty("types").EnumerateArray())
                Assert.True(ContractCatalog.All.Single(c => c.Type == type.GetString()).IsPublic, $"{type} is not public.");
            if (!subscription.TryGetProperty("function", out var function))
                continue;
            Assert.True(Catalog.Consumers.Single(c => c.Name == function.GetString()).IsUnordered);
            Assert.Contains(FunctionMethods, m => m.GetCustomAttribute<FunctionAttribute>()!.Name == function.GetString()
                && m.GetParameters().Any(p => p.GetCustomAttribute<EventGridTriggerAttribute>() is not null));
        }
    }

    [Fact]
    public void Every_contract_has_its_topic_or_queue()
    {
        var topics = Topology.GetProperty("serviceBus").GetProperty("topics").EnumerateArray().Select(t => t.GetProperty("name").GetString()).ToList();
        foreach (var contract in ContractCatalog.All)
        {
            if (contract.IsFact)
                Assert.Contains(contract.Destination, topics);
            else
                Assert.Contains(contract.Destination, Entities.Keys);
        }
    }

    [Fact]
    public void Every_change_feed_trigger_has_its_container_and_every_service_its_relay()
    {
        var cosmos = Topology.GetProperty("cosmos");
        var containers = cosmos.GetProperty("containers").EnumerateArray().Select(c => c.GetProperty("name").GetString()!).ToList();
        var triggers = TriggersOf<CosmosDBTriggerAttribute>();
        foreach (var trigger in triggers)
        {
            Assert.Equal(cosmos.GetProperty("database").GetString(), trigger.DatabaseName);
            Assert.Equal(cosmos.GetProperty("leases").GetString(), trigger.LeaseContainerName);
            Assert.Equal(Names.Cosmos, trigger.Connection);
            Assert.False(trigger.CreateLeaseContainerIfNotExists);
            Assert.Contains(trigger.ContainerName, containers);
        }

        var services = Catalog.Consumers.Select(c => c.Service).Distinct().Order().ToList();
        Assert.Equal(services, triggers.Select(t => t.ContainerName).Order());
    }

    [Fact]
    public void The_relays_retry_without_bound_because_the_host_goes_past_a_failed_batch()
    {
        foreach (var method in FunctionMethods.Where(m => m.GetParameters().Any(p => p.GetCustomAttribute<CosmosDBTriggerAttribute>() is not null)))
            Assert.Equal(-1, method.GetCustomAttribute<ExponentialBackoffRetryAttribute>()?.MaxRetryCount);
    }

    [Fact]
    public void The_hosts_settings_are_those_that_sessions_need()
    {
        var host = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "host.json"))).RootElement;
        var serviceBus = host.GetProperty("extensions").GetProperty("serviceBus");
        Assert.Equal(0, serviceBus.GetProperty("prefetchCount").GetInt32());
        Assert.Equal(1, serviceBus.GetProperty("maxConcurrentCallsPerSession").GetInt32());
        Assert.True(serviceBus.GetProperty("maxConcurrentSessions").GetInt32() >= 64);
        Assert.InRange(TimeSpan.Parse(serviceBus.GetProperty("sessionIdleTimeout").GetString()!, CultureInfo.InvariantCulture), TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(1));
        Assert.False(serviceBus.GetProperty("autoCompleteMessages").GetBoolean());

        // The host renews no locks for a batch: what comes with it must be handled within one lock duration.
        Assert.InRange(serviceBus.GetProperty("maxMessageBatchSize").GetInt32(), 1, 100);
    }

    /// <summary>A consumer that moves to another version gets the older one, which is lifted, or both, for a while.</summary>
    private static void AssertFits(Pipeline.Consumers.Consumer consumer, IEnumerable<string> types)
    {
        var lifted = types.Select(t => (Type: t, As: Pipeline.Consumers.HandledVersions.Of(consumer, Catalog.Messages, Catalog.Messages.Find(t)!)?.DataType)).ToList();
        Assert.All(lifted, t => Assert.True(t.As is not null, $"{consumer.Name} gets {t.Type}, but has no handler for it."));
        Assert.Equal(consumer.Handles.Select(t => t.Name).Order(), lifted.Select(t => t.As!.Name).Distinct().Order());
    }

    /// <summary>
    /// Consumers that get a version of an event which nobody makes any more, and no other version of it. What is published of an
    /// event is its newest version, and what that is made into for those who read an older one.
    /// </summary>
    private static List<string> Forsaken(IReadOnlyList<Contract> contracts) =>
    [
        .. from consumer in Pipeline.Contracts.Topology.Stored.Consumers
           from versions in consumer.Types.Select(t => contracts.Single(c => c.Type == t)).GroupBy(c => (c.Owner, c.Name))
           where !versions.Any(c => !c.IsRetired && (c.Upcast is null || contracts.Any(n => n.Downcast?.To == c.DataType)))
           select $"{consumer.Name} gets {string.Join(" and ", versions.Select(v => v.Type))}, which is published no more",
    ];

    private static List<string>? EventGridSubscriptionOf(string consumer) =>
        Topology.GetProperty("eventGrid").GetProperty("subscriptions").EnumerateArray()
            .Where(s => s.TryGetProperty("function", out var f) && f.GetString() == consumer)
            .Select(s => s.GetProperty("types").EnumerateArray().Select(t => t.GetString()!).ToList())
            .SingleOrDefault();

    private static List<T> TriggersOf<T>()
        where T : Attribute =>
        [.. FunctionMethods.SelectMany(m => m.GetParameters()).Select(p => p.GetCustomAttribute<T>()).OfType<T>()];

    private static Dictionary<string, List<string>?> ReadEntities()
    {
        var entities = new Dictionary<string, List<string>?>(StringComparer.Ordinal);
        var serviceBus = Topology.GetProperty("serviceBus");
        foreach (var topic in serviceBus.GetProperty("topics").EnumerateArray())
        {
            foreach (var subscription in topic.GetProperty("subscriptions").EnumerateArray())
            {
                entities.Add(
                    $"{topic.GetProperty("name").GetString()}/{subscription.GetProperty("name").GetString()}",
                    [.. subscription.GetProperty("types").EnumerateArray().Select(t => t.GetString()!)]);
            }
        }

        foreach (var queue in serviceBus.GetProperty("queues").EnumerateArray())
            entities.Add(queue.GetProperty("name").GetString()!, null);
        return entities;
    }
}

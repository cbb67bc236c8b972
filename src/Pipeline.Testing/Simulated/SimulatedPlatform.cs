using Azure.Messaging.ServiceBus;
using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.AzureFunctions;
using Pipeline.AzureFunctions.Configuration;
using Pipeline.Local.Cosmos;
using Pipeline.Local.ServiceBus;
using Pipeline.Testing.Messages;
using Pipeline.Testing.ServiceBus;

namespace Pipeline.Testing.Simulated;

/// <summary>Cosmos DB, Service Bus, Event Grid and payloads in memory, for an app and the processes that run it one after the other.</summary>
internal sealed class SimulatedPlatform : IDisposable
{
    private const string Key = "C2y6yDjf5/R+ob0N8A7Cgv30VRDJIWEHLM+4QDU5DE2nQ9nDuVTqobD4b8mGGyPMbIZnqyMsEcaGQy67XIw/Jw==";

    private static int _next;

    private readonly string _name = string.Create(CultureInfo.InvariantCulture, $"simulation-{Interlocked.Increment(ref _next)}.local");

    public SimulatedPlatform(PipelineDefinition definition, PipelineSimulationOptions options)
    {
        Definition = definition;
        Options = options;
        Payloads = new InMemoryPayloads(Clock);
        EventGrid = new SimulatedTopic(definition.Topology);
        Cosmos = CosmosEndpoint.Open(null, Clock, NullLogger.Instance);
        foreach (var container in definition.Topology.Containers.Concat(definition.Consumers.Select(c => c.Service)).Append(PipelineNames.Replays).Distinct(StringComparer.Ordinal))
            Cosmos.EnsureContainer(definition.Topology.Database, container);
        Entities = SimulatedEntities.Of(definition, options.TopologyPath);
        Broker = Broker.Open(Entities, null, Clock, NullLogger.Instance);
    }

    public PipelineDefinition Definition { get; }

    public PipelineSimulationOptions Options { get; }

    public SimulationClock Clock { get; } = new();

    public CosmosEndpoint Cosmos { get; }

    public string CosmosConnectionString => $"AccountEndpoint=http://{_name}/;AccountKey={Key}";

    public BrokerTopology Entities { get; }

    public Broker Broker { get; }

    public InMemoryPayloads Payloads { get; }

    /// <summary>What was published to Event Grid and is still to be delivered.</summary>
    public SimulatedTopic EventGrid { get; }

    /// <summary>How far each container's change feed was read.</summary>
    public Dictionary<string, string?> Continuations { get; } = new(StringComparer.Ordinal);

    /// <summary>The last change of each container at which its feed had nothing new.</summary>
    public Dictionary<string, long> FeedEnds { get; } = new(StringComparer.Ordinal);

    public SentMessages Sent { get; } = new();

    /// <summary>The number of the last change of a container.</summary>
    public long LastChangeOf(string container) => Cosmos.Store.LastChangeOf(Definition.Topology.Database, container);

    /// <summary>A client of the broker.</summary>
    public ServiceBusClient Client() => new InProcessServiceBus(() => Broker);

    public void Dispose()
    {
        Broker.Dispose();
        Cosmos.Dispose();
    }
}

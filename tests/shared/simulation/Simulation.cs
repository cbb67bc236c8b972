using Azure.Messaging.ServiceBus;
using Microsoft.Extensions.DependencyInjection;
using Pipeline.Local.Cosmos;
using Pipeline.Local.ServiceBus;

namespace Pipeline.Tests;

/// <summary>The app of these tests on a simulated platform, and simulated processes that run it, one step after the other.</summary>
internal sealed class Simulation : IAsyncDisposable
{
    /// <param name="topology">The file with topics and subscriptions; <see langword="null"/> for that of the app.</param>
    public Simulation(string? topology = null) => Platform = new SimulatedPlatform(TestedApp.Definition, new PipelineSimulationOptions
    {
        Configure = TestedApp.Configure,
        Services = services =>
        {
            TestedApp.Replace(services);
            Configure?.Invoke(services);
        },
        TopologyPath = topology ?? Path.Combine(AppContext.BaseDirectory, TestedApp.TopologyFile),
        CountsGatewayCalls = false,
    });

    public SimulatedPlatform Platform { get; }

    public SimulationClock Clock => Platform.Clock;

    public CosmosEndpoint Cosmos => Platform.Cosmos;

    public Broker Broker => Platform.Broker;

    public InMemoryPayloads Payloads => Platform.Payloads;

    /// <summary>Changes what every simulated process is composed of.</summary>
    public Action<IServiceCollection>? Configure { get; set; }

    /// <summary>What was published to Event Grid and is still to be delivered.</summary>
    public SimulatedTopic EventGrid => Platform.EventGrid;

    /// <summary>A client of the broker.</summary>
    public ServiceBusClient Client() => Platform.Client();

    public string CosmosConnectionString => Platform.CosmosConnectionString;

    public SimulatedProcess Start(FaultPlan? plan = null) => new(this, plan ?? new FaultPlan());

    /// <summary>Restarts after a crash: the locks of the dead process run out.</summary>
    public SimulatedProcess Restart(FaultPlan? plan = null)
    {
        Clock.Advance(TimeSpan.FromSeconds(61));
        return Start(plan);
    }

    public ValueTask DisposeAsync()
    {
        Platform.Dispose();
        return ValueTask.CompletedTask;
    }
}

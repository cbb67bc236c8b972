using Microsoft.Extensions.DependencyInjection;
using Pipeline.AzureFunctions;

namespace Pipeline.Testing;

/// <summary>What a <see cref="PipelineSimulation"/> is composed of, beside the <see cref="PipelineDefinition"/>.</summary>
public sealed class PipelineSimulationOptions
{
    /// <summary>Gets or sets what the app's Program.cs gives to <c>AddPipeline</c>: command runners, gateways, settings. Default: nothing.</summary>
    public Action<PipelineBuilder>? Configure { get; set; }

    /// <summary>
    /// Gets or sets what is done with the services after that, to replace some: <c>services => services.AddSingleton&lt;IMyGateway&gt;(fake)</c>.
    /// Called for each process, so what is to survive a crash, as an external system does, is made outside. Default: nothing.
    /// </summary>
    public Action<IServiceCollection>? Services { get; set; }

    /// <summary>Gets the settings of the app, by name as in local.settings.json (<c>A:B</c> or <c>A__B</c>). Those of the connections are set already.</summary>
    public Dictionary<string, string> Settings { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// Gets or sets a topology.json whose lock durations, delivery counts and rules count. Default: none; topics, subscriptions and queues
    /// are then those of <see cref="PipelineDefinition.Topology"/>.
    /// </summary>
    public string? TopologyPath { get; set; }

    /// <summary>Gets or sets whether a call of a gateway is an operation, before and after which a process may be killed.</summary>
    internal bool CountsGatewayCalls { get; set; } = true;
}

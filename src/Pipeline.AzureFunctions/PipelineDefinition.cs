using System.Reflection;
using Pipeline.Consumers;
using Pipeline.Contracts;

namespace Pipeline.AzureFunctions;

/// <summary>What an app brings to the pipeline; the generated catalogs have all of it.</summary>
/// <param name="Contracts">All messages: <c>ContractCatalog.All</c>.</param>
/// <param name="Topology">The entities that they travel by: <c>ContractCatalog.Topology</c>.</param>
/// <param name="Consumers">All consumers: <c>Catalog.Consumers</c>.</param>
public sealed record PipelineDefinition(IReadOnlyList<Contract> Contracts, Topology Topology, IReadOnlyList<Consumer> Consumers)
{
    /// <summary>
    /// Gets the assembly of the app's functions, which the wiring check and the OpenAPI document read. Default: the entry assembly, where
    /// the Functions worker looks for them too.
    /// </summary>
    public Assembly? Functions { get; init; }

    /// <summary>Gets the services that have a consumer, each once.</summary>
    internal IReadOnlyList<string> Services => [.. Consumers.Select(c => c.Service).Distinct(StringComparer.Ordinal)];
}

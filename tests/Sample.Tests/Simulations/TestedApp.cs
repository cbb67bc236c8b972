using Microsoft.Extensions.DependencyInjection;
using Pipeline.AzureFunctions;
using Pipeline.Functions;
using Pipeline.Messages;
using Pipeline.Services.Reporting;

namespace Pipeline.Tests;

/// <summary>The app of these tests: the sample.</summary>
internal static class TestedApp
{
    /// <summary>The source of events, if a test names none.</summary>
    public const string Source = Names.Ordering;

    public const string TopologyFile = "topology.json";

    public static PipelineDefinition Definition => Sample.Definition;

    /// <summary>Its messages as it knows them; their events say nothing of a schema.</summary>
    public static MessageCatalog Messages { get; } = MessageCatalog.Of(Sample.Definition.Contracts, null);

    public static void Configure(PipelineBuilder pipeline) => Sample.Configure(pipeline);

    /// <summary>What a simulation has in the place of HTTP.</summary>
    public static void Replace(IServiceCollection services) => services.AddSingleton<ISalesSource, StoredSales>();
}

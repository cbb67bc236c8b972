using Pipeline.AzureFunctions;
using Pipeline.Contracts;
using Pipeline.Functions.Gateways;
using Pipeline.Services;

namespace Pipeline.Functions;

/// <summary>What the sample brings to the pipeline.</summary>
internal static class Sample
{
    /// <summary>Gets its messages and consumers.</summary>
    public static PipelineDefinition Definition { get; } =
        new(ContractCatalog.All, ContractCatalog.Topology, Catalog.Consumers) { Functions = typeof(Sample).Assembly };

    /// <summary>Adds its gateways, settings and problem types.</summary>
    public static void Configure(PipelineBuilder pipeline) => pipeline
        .AddCommandRunners()
        .AddSampleGateways()
        .AddSettings(SampleSettings.All)
        .AddProblemTypes(SampleProblems.All);
}

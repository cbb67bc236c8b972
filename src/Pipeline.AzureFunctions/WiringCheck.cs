using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Pipeline.AzureFunctions.Configuration;
using Pipeline.AzureFunctions.Http;
using Pipeline.Replay;

namespace Pipeline.AzureFunctions;

/// <summary>Ends the start with everything that is wrong with what the app brings, and everything that <see cref="Wiring"/> finds.</summary>
internal sealed class WiringCheck(
    PipelineBuilder pipeline, ProblemCatalog problems, IEnumerable<DryRunGateway> dryRunGateways, IServiceProviderIsService services) : IHostedLifecycleService
{
    public Task StartingAsync(CancellationToken cancellationToken)
    {
        var errors = Errors(FunctionsOf(pipeline.Definition) ?? []);
        return errors.Count == 0 ? Task.CompletedTask : throw new WiringException(errors);
    }

    /// <summary>Everything that is wrong.</summary>
    /// <param name="functions">The functions of the app; <see langword="null"/> if they are not known.</param>
    internal IReadOnlyList<string> Errors(IReadOnlyList<TriggerFunction>? functions) =>
    [
        .. pipeline.Errors,
        .. problems.All.GroupBy(p => p.Slug, StringComparer.Ordinal).Where(g => g.Count() > 1)
            .Select(g => $"The problem type '{g.Key}' is there {g.Count()} times; give the app's own another slug in AddProblemTypes."),
        .. ErrorsOf(pipeline.Definition, functions, [.. dryRunGateways], services),
    ];

    /// <summary>The functions of the app; <see langword="null"/> if the definition does not say where they are.</summary>
    internal static IReadOnlyList<TriggerFunction>? FunctionsOf(PipelineDefinition definition) => definition.Functions is { } app ? TriggerFunction.In(app) : null;

    /// <summary>Everything that is wrong with what the app brings.</summary>
    internal static IReadOnlyList<string> ErrorsOf(
        PipelineDefinition definition, IReadOnlyList<TriggerFunction>? functions, IReadOnlyList<DryRunGateway> dryRunGateways, IServiceProviderIsService services) =>
    [
        .. UnlistedDefinitions.Errors(definition.Contracts, definition.Consumers),
        .. new Wiring(
            definition.Consumers, definition.Contracts, definition.Topology, functions, services.IsService, [.. dryRunGateways.Select(g => g.Gateway)]).Errors(),
    ];

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}

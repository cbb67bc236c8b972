using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Pipeline.Consumers;
using Pipeline.Contracts;
using Pipeline.Replay;
using Pipeline.Services;

namespace Pipeline.Functions;

/// <summary>Ends the start with everything that <see cref="Wiring"/> finds.</summary>
internal sealed class WiringCheck(
    IEnumerable<Consumer> consumers, IEnumerable<DryRunGateway> dryRunGateways, IServiceProviderIsService services) : IHostedLifecycleService
{
    public Task StartingAsync(CancellationToken cancellationToken)
    {
        var errors = ErrorsOf([.. consumers], [.. dryRunGateways], services);
        return errors.Count == 0 ? Task.CompletedTask : throw new WiringException(errors);
    }

    /// <summary>Everything that is wrong with this app.</summary>
    internal static IReadOnlyList<string> ErrorsOf(
        IReadOnlyList<Consumer> consumers, IReadOnlyList<DryRunGateway> dryRunGateways, IServiceProviderIsService services) =>
    [
        .. UnlistedDefinitions.Errors(ContractCatalog.All, consumers, typeof(ContractCatalog).Assembly, typeof(Catalog).Assembly),
        .. new Wiring(
            consumers, ContractCatalog.All, ContractCatalog.Topology, TriggerFunction.In(typeof(WiringCheck).Assembly),
            services.IsService, [.. dryRunGateways.Select(g => g.Gateway)]).Errors(),
    ];

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}

using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.AzureFunctions;
using Pipeline.AzureFunctions.Configuration;
using Pipeline.AzureFunctions.ServiceBus;
using Pipeline.Messages;
using Pipeline.Outbox;
using Pipeline.Testing.Faults;

namespace Pipeline.Testing.Simulated;

/// <summary>What a functions app is composed of, on a simulated platform.</summary>
internal static class AppServices
{
    /// <summary>Composes an app.</summary>
    /// <exception cref="InvalidOperationException">Something is wrong with what the app brings; the message lists it.</exception>
    public static ServiceProvider Of(SimulatedPlatform platform, FaultPlan plan)
    {
        var (definition, options) = (platform.Definition, platform.Options);
        Environment.SetEnvironmentVariable("COSMOS_DISABLE_IMDS_ACCESS", "true");
        var services = new ServiceCollection();
        services.AddSingleton<TimeProvider>(platform.Clock);
        services.AddSingleton(new Random(1));
        services.AddSingleton(typeof(ILogger<>), typeof(NullLogger<>));
        services.AddPipeline(ConfigurationOf(platform), definition, options.Configure);
        services.AddHttpClient(PipelineNames.Cosmos).ConfigurePrimaryHttpMessageHandler(() => new FaultHandler(platform.Cosmos.CreateHandler(), plan));
        services.AddSingleton<IMessageSender>(p => new FaultSender(ActivatorUtilities.CreateInstance<ServiceBusMessageSender>(p), plan, platform.Sent));
        services.AddSingleton(platform.Payloads.For(plan));
        services.AddSingleton(platform.EventGrid.PublisherFor(plan));
        services.AddSingleton(platform.Client());
        options.Services?.Invoke(services);
        if (options.CountsGatewayCalls)
            CountGatewayCalls(services, definition, plan);
        var provider = services.BuildServiceProvider();
        Check(platform, provider);
        return provider;
    }

    private static IConfiguration ConfigurationOf(SimulatedPlatform platform) => new ConfigurationBuilder()
        .AddInMemoryCollection(platform.Options.Settings.Select(s => KeyValuePair.Create(s.Key.Replace("__", ":", StringComparison.Ordinal), (string?)s.Value)))
        .AddInMemoryCollection(new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            [PipelineNames.Cosmos] = platform.CosmosConnectionString,
            [PipelineNames.ServiceBus] = "Endpoint=sb://localhost;SharedAccessKeyName=k;SharedAccessKey=v;UseDevelopmentEmulator=true",
            [PipelineNames.EventGrid + ":topicEndpoint"] = "none",
        })
        .Build();

    /// <summary>A call of a gateway is an operation of the process too.</summary>
    private static void CountGatewayCalls(ServiceCollection services, PipelineDefinition definition, FaultPlan plan)
    {
        foreach (var gateway in definition.Consumers.SelectMany(c => c.Gateways).Distinct())
        {
            if (services.LastOrDefault(s => s.ServiceType == gateway) is not { IsKeyedService: false } registered)
                continue;
            services.AddSingleton(gateway, provider => FaultGateway.Of(gateway, Create(provider, registered), plan));
        }
    }

    private static object Create(IServiceProvider provider, ServiceDescriptor registered) =>
        registered.ImplementationInstance
        ?? registered.ImplementationFactory?.Invoke(provider)
        ?? ActivatorUtilities.CreateInstance(provider, registered.ImplementationType!);

    private static void Check(SimulatedPlatform platform, IServiceProvider provider)
    {
        var isService = provider.GetRequiredService<IServiceProviderIsService>();
        var definition = platform.Definition;
        List<string> errors =
        [
            .. provider.GetRequiredService<PipelineBuilder>().Errors,
            .. definition.Consumers.Where(c => !platform.Entities.Has(c.Name))
                .Select(c => $"'{c.Name}' has no subscription or queue in the topology; run: {Contracts.ContractFiles.GenerateCommand}"),
            .. definition.Consumers.SelectMany(c => c.Gateways, (c, gateway) => (Consumer: c.Name, Gateway: gateway)).Where(c => !isService.IsService(c.Gateway))
                .Select(c => $"'{c.Consumer}' calls the gateway '{c.Gateway.Name}', which is not registered: add it in PipelineSimulationOptions.Configure "
                    + $"(pipeline.AddGateway<{c.Gateway.Name}>(...)) or PipelineSimulationOptions.Services."),
        ];
        if (errors.Count > 0)
            throw new InvalidOperationException("The simulation cannot start:\n" + string.Join('\n', errors.Select(e => "- " + e)));
    }
}

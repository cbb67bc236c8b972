using System.Reflection;
using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Pipeline.AzureFunctions.Blobs;
using Pipeline.AzureFunctions.ChangeFeed;
using Pipeline.AzureFunctions.Configuration;
using Pipeline.AzureFunctions.Consumers;
using Pipeline.AzureFunctions.EventGrid;
using Pipeline.AzureFunctions.Http;
using Pipeline.AzureFunctions.OperatorApi;
using Pipeline.AzureFunctions.ServiceBus;
using Pipeline.AzureFunctions.Webhooks;
using Pipeline.Consumers;
using Pipeline.DeadLetters;
using Pipeline.Editing;
using Pipeline.Feeds;
using Pipeline.Messages;
using Pipeline.Operations;
using Pipeline.Outbox;
using Pipeline.Payloads;
using Pipeline.Replay;
using Pipeline.Storage;

namespace Pipeline.AzureFunctions;

/// <summary>Adds a pipeline to the services of a Functions app.</summary>
public static class PipelineServices
{
    /// <summary>
    /// Adds the pipeline: what the generated functions call, the HTTP functions for operators and webhooks, and the checks that end the start
    /// with all errors of the settings and of what the app brings. Options are bound from the sections <c>Pipeline:Consumers</c>,
    /// <c>Pipeline:Relay</c>, <c>Pipeline:Payloads</c> and <c>Pipeline:Breakers</c>. Services that were registered before stay.
    /// </summary>
    /// <param name="services">The services of the app.</param>
    /// <param name="configuration">The settings of the app.</param>
    /// <param name="definition">What the app brings.</param>
    /// <param name="configure">Adds gateways, command runners, settings and problem types. Default: none.</param>
    /// <returns>The services.</returns>
    public static IServiceCollection AddPipeline(
        this IServiceCollection services, IConfiguration configuration, PipelineDefinition definition, Action<PipelineBuilder>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configuration);
        ArgumentNullException.ThrowIfNull(definition);
        definition = definition with { Functions = definition.Functions ?? Assembly.GetEntryAssembly() };
        services.AddHostedService<SettingsCheck>();
        services.AddHostedService<WiringCheck>();
        services.AddTelemetryExport(configuration);
        services.TryAddSingleton(TimeProvider.System);
#pragma warning disable RS0030 // The composition root provides randomness.
        services.TryAddSingleton(Random.Shared);
#pragma warning restore RS0030
        services.AddPipelineOptions(configuration);
        AddConnections(services, configuration);
        AddMessages(services, configuration, definition);
        AddConsumers(services, definition);
        AddRelays(services);
        AddOperations(services);

        var builder = new PipelineBuilder(services, configuration, definition);
        configure?.Invoke(builder);
        services.AddSingleton(builder);
        services.AddSingleton(_ => new ProblemCatalog([.. ProblemTypes.All, .. OperatorProblems.All, .. WebhookProblems.All, .. builder.Problems]));
        services.AddSingleton(_ => new OpenApi(definition.Functions ?? typeof(PipelineServices).Assembly, OperatorJson.All));
        services.AddSingleton(provider => WebhookSources.Read(configuration, definition.Consumers, provider.GetRequiredService<MessageCatalog>()));
        return services;
    }

    private static void AddConnections(IServiceCollection services, IConfiguration configuration)
    {
        services.AddHttpClient(PipelineNames.Cosmos).SetHandlerLifetime(Timeout.InfiniteTimeSpan).RemoveAllLoggers();
        services.AddHttpClient(PipelineNames.EventGrid).SetHandlerLifetime(Timeout.InfiniteTimeSpan).RemoveAllLoggers();
        services.AddHttpClient(PipelineNames.Blobs, client => client.Timeout = Timeout.InfiniteTimeSpan).SetHandlerLifetime(Timeout.InfiniteTimeSpan).RemoveAllLoggers();
        services.AddSingleton(provider => CosmosConnection.Open(configuration, provider.GetRequiredService<IHttpClientFactory>()));
        services.AddSingleton(_ => ServiceBusConnection.Open(configuration));
        services.TryAddSingleton<IMessageSender, ServiceBusMessageSender>();
        services.TryAddSingleton<IEventPublisher>(provider => EventGridConnection.Open(configuration, provider.GetRequiredService<IHttpClientFactory>())!); // Null: the relays have no Event Grid dispatcher.
        services.TryAddSingleton<IPayloadStore>(provider =>
            BlobConnection.Open(configuration, provider.GetRequiredService<PayloadOptions>(), provider.GetRequiredService<IHttpClientFactory>()));
    }

    private static void AddMessages(IServiceCollection services, IConfiguration configuration, PipelineDefinition definition)
    {
        services.AddSingleton(_ => new PublishedContracts(definition.Contracts, definition.Topology, SchemaAddressOf(configuration)));
        services.AddSingleton(provider => MessageCatalog.Of(definition.Contracts, provider.GetRequiredService<PublishedContracts>().SchemaAddress));
        services.AddSingleton(new Listeners(definition.Topology.Consumers.SelectMany(c => c.Types.Select(type => (type, new Listener(c.Name, c.IsByEventGrid))))));
    }

    private static void AddConsumers(IServiceCollection services, PipelineDefinition definition)
    {
        foreach (var consumer in definition.Consumers)
            services.AddSingleton(consumer);
        services.AddSingleton(provider => new Stores(definition.Services.Select(name => StoreOf(provider, name, definition))));
        services.AddSingleton<ClaimCheck>();
        services.AddSingleton<GatewayBreakers>();
        services.AddSingleton(provider => new ConsumerServices(
            provider.GetRequiredService<MessageCatalog>(),
            provider.GetRequiredService<ConsumerOptions>(),
            provider.GetRequiredService<ClaimCheck>(),
            provider,
            provider.GetRequiredService<GatewayBreakers>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<Random>()));
        services.AddSingleton<ConsumerRunners>();
        services.AddSingleton<ServiceBusTriggers>();
        services.AddSingleton<EventGridTriggers>();
        services.AddSingleton<SubjectReplayer>();
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<ReplayCoordinator>(
            provider, StoreOf(provider, PipelineNames.Replays, definition), provider.GetRequiredService<Stores>().All));
    }

    private static void AddRelays(IServiceCollection services)
    {
        services.AddSingleton(provider => new RelayServices(
            provider.GetRequiredService<IMessageSender>(),
            provider.GetService<IEventPublisher>(),
            provider.GetRequiredService<MessageCatalog>(),
            provider.GetRequiredService<Listeners>(),
            provider.GetRequiredService<RelayOptions>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<Random>()));
        services.AddSingleton(provider => new Relays(
            provider.GetRequiredService<Stores>().All.Select(store => ActivatorUtilities.CreateInstance<Relay>(provider, store))));
    }

    private static void AddOperations(IServiceCollection services)
    {
        services.AddSingleton<ServiceBusInspector>();
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<PayloadCollector>(provider, provider.GetRequiredService<Stores>().All));
        services.AddSingleton<DryRun>();
        services.AddSingleton<DeadLetterDiscarder>();
        services.AddSingleton<DeadLetterEditor>();
    }

    private static CosmosPartitionStore StoreOf(IServiceProvider provider, string container, PipelineDefinition definition) => new(
        provider.GetRequiredService<CosmosClient>().GetContainer(definition.Topology.Database, container),
        provider.GetRequiredService<TimeProvider>(),
        provider.GetRequiredService<Random>());

    /// <summary>Gets the address of the schemas: the setting, or this app. Known when the host listens, before the first trigger runs.</summary>
    private static Uri? SchemaAddressOf(IConfiguration configuration) =>
        PipelineSettings.SchemasAddress.Of(configuration) is { } setting ? AppAddress.Folder(setting) : AppAddress.Find(configuration);
}

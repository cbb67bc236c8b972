using Azure;
using Azure.Core.Pipeline;
using Azure.Identity;
using Azure.Messaging.EventGrid;
using Azure.Messaging.ServiceBus;
using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Pipeline.Commands;
using Pipeline.Consumers;
using Pipeline.DeadLetters;
using Pipeline.Editing;
using Pipeline.Feeds;
using Pipeline.Functions.Gateways;
using Pipeline.Messages;
using Pipeline.Operations;
using Pipeline.Outbox;
using Pipeline.Payloads;
using Pipeline.Replay;
using Pipeline.Services;
using Pipeline.Services.Carrier;
using Pipeline.Services.Notifications;
using Pipeline.Services.Payments;
using Pipeline.Services.Reporting;
using Pipeline.Services.Shipping;
using Pipeline.Storage;

namespace Pipeline.Functions;

/// <summary>The composition root of the functions app.</summary>
internal static class PipelineServices
{
    private static readonly string[] ServiceContainers = [.. Catalog.Consumers.Select(c => c.Service).Distinct(StringComparer.Ordinal)];

    public static IServiceCollection AddPipeline(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddHostedService<SettingsCheck>();
        services.AddHostedService<WiringCheck>();
        services.AddTelemetryExport(configuration);
        services.AddHttpClient(Names.Cosmos).SetHandlerLifetime(Timeout.InfiniteTimeSpan).RemoveAllLoggers();
        services.AddHttpClient(Names.EventGrid).SetHandlerLifetime(Timeout.InfiniteTimeSpan).RemoveAllLoggers();
        services.AddHttpClient(Names.Blobs, client => client.Timeout = Timeout.InfiniteTimeSpan).SetHandlerLifetime(Timeout.InfiniteTimeSpan).RemoveAllLoggers();
        services.TryAddSingleton(TimeProvider.System);
#pragma warning disable RS0030 // The composition root provides randomness.
        services.TryAddSingleton(Random.Shared);
#pragma warning restore RS0030
        services.TryAddSingleton(new ConsumerOptions());
        services.TryAddSingleton(new GatewayBreakerOptions());
        services.TryAddSingleton(new RelayOptions());
        services.TryAddSingleton(new PayloadOptions());
        services.AddSingleton(_ => new SchemaAddress(SchemaAddressOf(configuration)));
        services.AddSingleton(provider => MessageCatalog.Of(Contracts.ContractCatalog.All, provider.GetRequiredService<SchemaAddress>().Base));
        services.AddSingleton(provider => CosmosClientOf(configuration, provider.GetRequiredService<IHttpClientFactory>()));
        services.AddSingleton(_ => ServiceBusClientOf(configuration));
        services.AddSingleton<ServiceBusInspector>();
        services.AddSingleton(new Listeners(Contracts.ContractCatalog.Topology.Consumers.SelectMany(c => c.Types.Select(type => (type, new Listener(c.Name, c.IsByEventGrid))))));
        services.TryAddSingleton<IMessageSender, ServiceBusMessageSender>();
        services.TryAddSingleton<IPaymentGateway>(provider => new SimulatedPaymentGateway(
            ContainerOf(provider, Names.Gateways), provider.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton<IEmailGateway>(provider => new SimulatedEmailGateway(
            ContainerOf(provider, Names.Gateways), provider.GetRequiredService<TimeProvider>()));
        services.AddHttpClient(nameof(HttpSalesSource)).RemoveAllLoggers()
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler { AllowAutoRedirect = false }); // The key is for one address.
        services.TryAddSingleton<ISalesSource>(provider => new HttpSalesSource(
            provider.GetRequiredService<IHttpClientFactory>().CreateClient(nameof(HttpSalesSource)), () => ApiAddressOf(configuration), AppSettings.SalesKey.Of(configuration)));
        services.TryAddSingleton<IEventPublisher>(provider => EventPublisherOf(configuration, provider)!); // Null: the relays have no Event Grid dispatcher.
        AddCarrier(services);
        services.AddSingleton(provider => new Stores(ServiceContainers.Select(name => StoreOf(provider, name))));
        foreach (var consumer in Catalog.Consumers)
            services.AddSingleton(consumer);
        services.TryAddSingleton<IPayloadStore>(provider => new BlobPayloadStore(
            () => BlobAccountOf(configuration),
            provider.GetRequiredService<PayloadOptions>(),
            new HttpClientTransport(provider.GetRequiredService<IHttpClientFactory>().CreateClient(Names.Blobs))));
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
        services.AddSingleton(provider => new RelayServices(
            provider.GetRequiredService<IMessageSender>(),
            provider.GetService<IEventPublisher>(),
            provider.GetRequiredService<MessageCatalog>(),
            provider.GetRequiredService<Listeners>(),
            provider.GetRequiredService<RelayOptions>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<Random>()));
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<PayloadCollector>(provider, provider.GetRequiredService<Stores>().All));
        services.AddSingleton<SubjectReplayer>();
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<ReplayCoordinator>(
            provider, StoreOf(provider, Names.Replays), provider.GetRequiredService<Stores>().All));
        AddDryRunGateways(services);
        services.AddSingleton<DryRun>();
        services.AddSingleton<DeadLetterDiscarder>();
        services.AddSingleton<DeadLetterEditor>();
        services.AddSingleton(provider => new Relays(
            provider.GetRequiredService<Stores>().All.Select(store => ActivatorUtilities.CreateInstance<Relay>(provider, store))));
        services.AddSingleton<ConsumerRunners>();
        services.AddSingleton(_ => WebhookSources.Read(configuration, Catalog.Consumers, Catalog.Messages));
        services.AddSingleton<Triggers>();
        services.AddCommandRunners();
        return services;
    }

    /// <summary>The simulated carrier with its faults, unless another carrier was registered before.</summary>
    private static void AddCarrier(IServiceCollection services)
    {
        if (services.Any(s => s.ServiceType == typeof(ICarrierGateway)))
            return;
        services.AddSingleton(provider => new CarrierFaults(ContainerOf(provider, Names.Gateways)));
        services.AddSingleton<ICarrierGateway>(provider => new SimulatedCarrierGateway(
            ContainerOf(provider, Names.Gateways), provider.GetRequiredService<CarrierFaults>(), provider.GetRequiredService<TimeProvider>()));
    }

    /// <summary>Registers the dry-run gateway of each gateway. A test reports a gateway without one.</summary>
    private static void AddDryRunGateways(IServiceCollection services)
    {
        services.AddSingleton(p => DryRunGateway.For<IPaymentGateway>((real, calls) => new DryRunPaymentGateway(real, calls, p.GetRequiredService<TimeProvider>())));
        services.AddSingleton(p => DryRunGateway.For<ICarrierGateway>((real, calls) => new DryRunCarrierGateway(real, calls, p.GetRequiredService<TimeProvider>())));
        services.AddSingleton(p => DryRunGateway.For<IEmailGateway>((real, calls) => new DryRunEmailGateway(real, calls, p.GetRequiredService<TimeProvider>())));
        services.AddSingleton(DryRunGateway.For<ISalesSource>((real, calls) => new DryRunSalesSource(real, calls)));
    }

    /// <summary>Adds what runs commands and queries on a state.</summary>
    /// <param name="services">The services.</param>
    /// <param name="state">How the state is stored.</param>
    /// <param name="container">The container of the service that the state belongs to.</param>
    public static void AddCommandRunner<TState>(this IServiceCollection services, State.StateModel<TState> state, string container)
        where TState : class =>
        services.AddSingleton(provider => new CommandRunner<TState>(
            provider.GetRequiredService<Stores>().Of(container),
            state,
            provider.GetRequiredService<ConsumerServices>()));

    private static Container ContainerOf(IServiceProvider provider, string name) =>
        provider.GetRequiredService<CosmosClient>().GetContainer(Names.Database, name);

    private static CosmosPartitionStore StoreOf(IServiceProvider provider, string container) =>
        new(ContainerOf(provider, container), provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<Random>());

    private static CosmosClient CosmosClientOf(IConfiguration configuration, IHttpClientFactory http)
    {
        var options = new CosmosClientOptions
        {
            ApplicationName = "Pipeline",
            HttpClientFactory = () => http.CreateClient(Names.Cosmos),
            EnableContentResponseOnWrite = false,
            CosmosClientTelemetryOptions = new CosmosClientTelemetryOptions { DisableDistributedTracing = false },
        };
        if (AppSettings.Cosmos.Of(configuration) is { } connection)
        {
            // A local endpoint or emulator supports only gateway mode and announces a name that may not resolve.
            if (connection.Contains("AccountEndpoint=http://", StringComparison.OrdinalIgnoreCase) || connection.Contains("localhost", StringComparison.OrdinalIgnoreCase))
            {
                options.ConnectionMode = ConnectionMode.Gateway;
                options.LimitToEndpoint = true;
            }

            return new CosmosClient(connection, options);
        }

        return new CosmosClient(AppSettings.CosmosEndpoint.Required(configuration), CredentialOf(configuration, AppSettings.CosmosClientId), options);
    }

    private static ServiceBusClient ServiceBusClientOf(IConfiguration configuration)
    {
        // It sends and peeks. The relay retries by itself, so one unavailable destination must not delay a round for minutes.
        var options = new ServiceBusClientOptions { RetryOptions = new ServiceBusRetryOptions { TryTimeout = TimeSpan.FromSeconds(10), MaxRetries = 1 } };
        if (AppSettings.ServiceBus.Of(configuration) is { } connection)
            return new ServiceBusClient(connection, options);
        return new ServiceBusClient(
            AppSettings.ServiceBusNamespace.Required(configuration), CredentialOf(configuration, AppSettings.ServiceBusClientId), options);
    }

    /// <summary>Gets the publisher to the Event Grid topic; <see langword="null"/> if there is none.</summary>
    private static EventGridPublisher? EventPublisherOf(IConfiguration configuration, IServiceProvider provider)
    {
        var endpoint = AppSettings.EventGridEndpoint.Required(configuration);
        if (endpoint == "none")
            return null;
        var address = new Uri(endpoint);

        // One quick retry: the relay leaves failures to the recovery sweep.
        var options = new EventGridPublisherClientOptions
        {
            Transport = new HttpClientTransport(provider.GetRequiredService<IHttpClientFactory>().CreateClient(Names.EventGrid)),
            Retry = { MaxRetries = 1, Delay = TimeSpan.FromMilliseconds(100), NetworkTimeout = TimeSpan.FromSeconds(3) },
        };
        return new EventGridPublisher(AppSettings.EventGridKey.Of(configuration) is { } key
            ? new EventGridPublisherClient(address, new AzureKeyCredential(key), options)
            : new EventGridPublisherClient(address, CredentialOf(configuration, AppSettings.EventGridClientId), options));
    }

    /// <summary>Gets the address of this app's HTTP functions: the setting, or the host name of the Functions host.</summary>
    private static Uri ApiAddressOf(IConfiguration configuration)
    {
        if (AppSettings.SalesAddress.Of(configuration) is { } setting)
            return Folder(setting);
        return OwnAddress(AppSettings.HostName.Required(configuration));
    }

    /// <summary>Gets the address of the schemas: the setting, or this app. Known when the host listens, before the first trigger runs.</summary>
    private static Uri? SchemaAddressOf(IConfiguration configuration) =>
        AppSettings.SchemasAddress.Of(configuration) is { } setting ? Folder(setting) : AppSettings.HostName.Of(configuration) is { } name ? OwnAddress(name) : null;

    private static Uri Folder(string address) => new(address.EndsWith('/') ? address : address + "/");

    private static Uri OwnAddress(string hostName) => new(
        (hostName.StartsWith("localhost", StringComparison.Ordinal) || hostName.StartsWith("127.", StringComparison.Ordinal) ? "http://" : "https://") + hostName + "/");

    private static BlobAccount BlobAccountOf(IConfiguration configuration) =>
        AppSettings.Blobs.Of(configuration) is { } connection
            ? BlobAccount.Of(connection)
            : BlobAccount.Of(AppSettings.BlobsUri.Required(configuration), CredentialOf(configuration, AppSettings.BlobsClientId));

    private static DefaultAzureCredential CredentialOf(IConfiguration configuration, Setting clientId) =>
        new(new DefaultAzureCredentialOptions { ManagedIdentityClientId = clientId.Of(configuration) });
}

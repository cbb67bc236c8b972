using System.Text.Json;
using Azure;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Identity;
using Azure.Messaging.EventGrid;
using Azure.Messaging.ServiceBus;
using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Pipeline.Commands;
using Pipeline.Consumers;
using Pipeline.Ledger;
using Pipeline.Messages;
using Pipeline.Outbox;
using Pipeline.Partitions;
using Pipeline.Payloads;
using Pipeline.Replays;
using Pipeline.Services;
using Pipeline.Services.Analytics;
using Pipeline.Services.Inventory;
using Pipeline.Services.Notifications;
using Pipeline.Services.Ordering;
using Pipeline.Services.Payments;
using Pipeline.Services.Reporting;
using Pipeline.Services.Shipping;

namespace Pipeline.Functions;

/// <summary>The composition root: what the functions need, wired once.</summary>
internal static class PipelineServices
{
    private static readonly string[] ServiceContainers = [.. Catalog.Consumers.Select(c => c.Service).Distinct(StringComparer.Ordinal)];

    public static IServiceCollection AddPipeline(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddHttpClient(Names.Cosmos).SetHandlerLifetime(Timeout.InfiniteTimeSpan).RemoveAllLoggers();
        services.AddHttpClient(Names.EventGrid).SetHandlerLifetime(Timeout.InfiniteTimeSpan).RemoveAllLoggers();
        services.AddHttpClient(Names.Blobs, client => client.Timeout = Timeout.InfiniteTimeSpan).SetHandlerLifetime(Timeout.InfiniteTimeSpan).RemoveAllLoggers();
        services.TryAddSingleton(TimeProvider.System);
#pragma warning disable RS0030 // The composition root is where randomness comes from.
        services.TryAddSingleton(Random.Shared);
#pragma warning restore RS0030
        services.TryAddSingleton(new ConsumerOptions());
        services.TryAddSingleton(new RelayOptions());
        services.TryAddSingleton(new PayloadOptions());
        services.AddSingleton(Catalog.Messages);
        services.AddSingleton(provider => CosmosClientOf(configuration, provider.GetRequiredService<IHttpClientFactory>()));
        services.AddSingleton(_ => ServiceBusClientOf(configuration));
        services.TryAddSingleton<IMessageSender, ServiceBusMessageSender>();
        services.TryAddSingleton<IPaymentGateway>(provider => new SimulatedPaymentGateway(
            ContainerOf(provider, Names.Gateways), provider.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton<IEmailGateway>(provider => new SimulatedEmailGateway(
            ContainerOf(provider, Names.Gateways), provider.GetRequiredService<TimeProvider>()));
        services.AddHttpClient(nameof(HttpSalesSource)).RemoveAllLoggers();
        services.TryAddSingleton<ISalesSource>(provider => new HttpSalesSource(
            provider.GetRequiredService<IHttpClientFactory>().CreateClient(nameof(HttpSalesSource)), () => ApiAddressOf(configuration), configuration["Sales:key"]));
        services.TryAddSingleton<IEventPublisher>(provider => EventPublisherOf(configuration, provider)!); // None: the relays have no such leg.
        AddCarrier(services);
        services.AddSingleton(provider => new Stores(ServiceContainers.Select(name => new PartitionStore(
            ContainerOf(provider, name), provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<Random>()))));
        foreach (var consumer in Catalog.Consumers)
            services.AddSingleton(consumer);
        services.TryAddSingleton<IPayloadStore>(provider => new BlobPayloadStore(
            () => BlobAccountOf(configuration),
            provider.GetRequiredService<PayloadOptions>(),
            new HttpClientTransport(provider.GetRequiredService<IHttpClientFactory>().CreateClient(Names.Blobs)),
            provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<ClaimCheck>();
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<PayloadCollector>(provider, provider.GetRequiredService<Stores>().All));
        services.AddSingleton<Replayer>();
        services.AddSingleton<Discards>();
        services.AddSingleton(provider => new Relays(
            provider.GetRequiredService<Stores>().All.Select(store => ActivatorUtilities.CreateInstance<Relay>(provider, store))));
        services.AddSingleton<ConsumerRunners>();
        services.AddSingleton(WebhookSources.Read(configuration, Catalog.Consumers, Catalog.Messages));
        AddCommands(services, Order.Stream, Names.Ordering);
        AddCommands(services, SkuStock.Document, Names.Inventory);
        AddCommands(services, Payment.Document, Names.Payments);
        AddCommands(services, CustomerNotices.Document, Names.Notifications);
        AddCommands(services, Sales.Document, Names.Analytics);
        AddCommands(services, DailyReport.Document, Names.Reporting);
        AddCommands(services, Shipment.Document, Names.Shipping);
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

    private static void AddCommands<TState>(IServiceCollection services, State.StateModel<TState> state, string container)
        where TState : class =>
        services.AddSingleton(provider => new CommandRunner<TState>(
            provider.GetRequiredService<Stores>().Of(container),
            state,
            provider.GetRequiredService<MessageCatalog>(),
            provider.GetRequiredService<ConsumerOptions>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ClaimCheck>()));

    private static Container ContainerOf(IServiceProvider provider, string name) =>
        provider.GetRequiredService<CosmosClient>().GetContainer(Names.Database, name);

    private static CosmosClient CosmosClientOf(IConfiguration configuration, IHttpClientFactory http)
    {
        var options = new CosmosClientOptions
        {
            ApplicationName = "Pipeline",
            HttpClientFactory = () => http.CreateClient(Names.Cosmos),
            EnableContentResponseOnWrite = false,
            CosmosClientTelemetryOptions = new CosmosClientTelemetryOptions { DisableDistributedTracing = false },
        };
        if (configuration[Names.Cosmos] is { Length: > 0 } connection)
        {
            // A local endpoint or emulator knows only the gateway and announces itself under a name that may not resolve.
            if (connection.Contains("AccountEndpoint=http://", StringComparison.OrdinalIgnoreCase) || connection.Contains("localhost", StringComparison.OrdinalIgnoreCase))
            {
                options.ConnectionMode = ConnectionMode.Gateway;
                options.LimitToEndpoint = true;
            }

            return new CosmosClient(connection, options);
        }

        var endpoint = Required(
            configuration, Names.Cosmos + ":accountEndpoint", "the endpoint of the Cosmos DB account", "https://myaccount.documents.azure.com:443/");
        return new CosmosClient(endpoint, CredentialOf(configuration, Names.Cosmos), options);
    }

    private static ServiceBusClient ServiceBusClientOf(IConfiguration configuration)
    {
        // It only sends. The relay tries again by itself, so one dead destination must not hold a round for minutes.
        var options = new ServiceBusClientOptions { RetryOptions = new ServiceBusRetryOptions { TryTimeout = TimeSpan.FromSeconds(10), MaxRetries = 1 } };
        if (configuration[Names.ServiceBus] is { Length: > 0 } connection)
            return new ServiceBusClient(connection, options);
        var name = Required(
            configuration, Names.ServiceBus + ":fullyQualifiedNamespace", "the Service Bus namespace", "mynamespace.servicebus.windows.net");
        return new ServiceBusClient(name, CredentialOf(configuration, Names.ServiceBus), options);
    }

    /// <summary>The way to the Event Grid topic; <see langword="null"/> if this pipeline has none.</summary>
    private static EventGridPublisher? EventPublisherOf(IConfiguration configuration, IServiceProvider provider)
    {
        const string setting = Names.EventGrid + "__topicEndpoint";
        var endpoint = configuration[Names.EventGrid + ":topicEndpoint"];
        if (endpoint == "none")
            return null;
        if (!Uri.TryCreate(endpoint, UriKind.Absolute, out var address))
        {
            throw new InvalidOperationException(
                $"The setting '{setting}' is '{endpoint}': the address of the Event Grid topic for public facts is expected, such as " +
                "'https://mytopic.westeurope-1.eventgrid.azure.net/api/events', or 'none'.");
        }

        // One attempt more, soon: the relay leaves what fails to the sweep.
        var options = new EventGridPublisherClientOptions
        {
            Transport = new HttpClientTransport(provider.GetRequiredService<IHttpClientFactory>().CreateClient(Names.EventGrid)),
            Retry = { MaxRetries = 1, Delay = TimeSpan.FromMilliseconds(100), NetworkTimeout = TimeSpan.FromSeconds(3) },
        };
        return new EventGridPublisher(configuration[Names.EventGrid + ":key"] is { Length: > 0 } key
            ? new EventGridPublisherClient(address, new AzureKeyCredential(key), options)
            : new EventGridPublisherClient(address, CredentialOf(configuration, Names.EventGrid), options));
    }

    /// <summary>Where this app's own HTTP functions are: the setting, or what the Functions host says of itself.</summary>
    private static Uri ApiAddressOf(IConfiguration configuration)
    {
        if (configuration["Sales:baseAddress"] is { Length: > 0 } setting)
            return new Uri(setting.EndsWith('/') ? setting : setting + "/");
        var name = Required(configuration, "WEBSITE_HOSTNAME", "the host name of this app, set by the Functions host", "myapp.azurewebsites.net");
        return new Uri((name.StartsWith("localhost", StringComparison.Ordinal) || name.StartsWith("127.", StringComparison.Ordinal) ? "http://" : "https://") + name + "/");
    }

    /// <summary>Read when the first payload is stored or fetched: an app whose messages are small needs no storage.</summary>
    private static BlobAccount BlobAccountOf(IConfiguration configuration)
    {
        if (configuration[Names.Blobs] is { Length: > 0 } connection)
            return BlobAccount.Of(connection);
        var endpoint = Required(
            configuration, Names.Blobs + ":serviceUri", "the blob storage for large messages", "https://myaccount.blob.core.windows.net");
        return BlobAccount.Of(endpoint, CredentialOf(configuration, Names.Blobs));
    }

    private static DefaultAzureCredential CredentialOf(IConfiguration configuration, string connection) =>
        new(new DefaultAzureCredentialOptions { ManagedIdentityClientId = configuration[connection + ":clientId"] });

    private static string Required(IConfiguration configuration, string name, string what, string example) =>
        configuration[name] is { Length: > 0 } value
            ? value
            : throw new InvalidOperationException(
                $"The setting '{name.Replace(":", "__", StringComparison.Ordinal)}' is missing: {what}, such as '{example}'. " +
                $"For a run on one machine set '{name.Split(':')[0]}' to a connection string, as in local.settings.sample.json.");
}

/// <summary>The containers of the services.</summary>
public sealed class Stores(IEnumerable<PartitionStore> stores)
{
    private readonly Dictionary<string, PartitionStore> _byName = stores.ToDictionary(s => s.Name, StringComparer.Ordinal);

    public IReadOnlyCollection<PartitionStore> All => _byName.Values;

    public PartitionStore Of(string container) => _byName[container];

    public PartitionStore? Find(string container) => _byName.GetValueOrDefault(container);
}

/// <summary>One relay per service.</summary>
public sealed class Relays(IEnumerable<Relay> relays)
{
    private readonly Dictionary<string, Relay> _byName = relays.ToDictionary(r => r.Name, StringComparer.Ordinal);

    public IReadOnlyCollection<Relay> All => _byName.Values;

    public Task OnFeedAsync(string container, IReadOnlyList<JsonElement> documents, CancellationToken cancellationToken) =>
        _byName[container].OnFeedAsync(documents, cancellationToken);
}

/// <summary>One runner and one intake per consumer.</summary>
public sealed class ConsumerRunners
{
    private readonly Dictionary<string, (ConsumerRunner Runner, Intake Intake)> _byName;

    public ConsumerRunners(IServiceProvider provider, IEnumerable<Consumer> consumers, Stores stores)
    {
        _byName = consumers.ToDictionary(
            c => c.Name,
            c => (ActivatorUtilities.CreateInstance<ConsumerRunner>(provider, c, stores.Of(c.Service)),
                ActivatorUtilities.CreateInstance<Intake>(provider, c, stores.Of(c.Service))),
            StringComparer.Ordinal);
    }

    public ConsumerRunner RunnerOf(string consumer) => _byName[consumer].Runner;

    public Intake IntakeOf(string consumer) => _byName[consumer].Intake;
}

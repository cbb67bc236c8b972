using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Pipeline.Local.Cosmos;
using Pipeline.Local.EventGrid;
using Pipeline.Local.Storage;

namespace Pipeline.Local.Hosting;

/// <summary>Opens the host's own platform, at the addresses that the connection settings name.</summary>
internal sealed class PlatformOpening(IServiceProvider services) : IHostedService
{
    public const string CosmosName = "Cosmos";
    private const string HostKeyReference = "@Local(HostKey)";
    private const string ServiceBusName = "ServiceBus";
    public const string BlobsName = "Blobs";
    public const string EventGridName = "EventGrid:topicEndpoint";
    private const string EventGridKeyName = "EventGrid:key";

    public Task StartAsync(CancellationToken cancellationToken)
    {
        var platform = services.GetRequiredService<LocalPlatform>();
        var settings = services.GetRequiredService<LocalSettings>();
        var hostKey = settings.EnforceKeys ? settings.HostKey ?? platform.Keys.Host : "";
        var configuration = services.GetRequiredService<IConfiguration>();
        FillIn(configuration, hostKey);

        // From now on the setting names Service Bus where it really is, also at a free port.
        if (services.GetRequiredService<OwnPlatform>().IsOwn)
        {
            configuration[ServiceBusName] = platform.ServiceBusConnectionString;
            services.GetRequiredService<ILoggerFactory>().CreateLogger<PlatformOpening>().LogInformation(
                "Service Bus listens on sb://127.0.0.1:{Port}.", platform.ServiceBus.Port);
        }

        if (settings.DuplicateDeliveries > 0)
            DuplicateDeliveries(platform, settings.DuplicateDeliveries);
        platform.Blobs.StartWithHost();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>As App Service replaces references to a key vault by the secret: a setting of this value becomes the host key, for an app that calls itself.</summary>
    private static void FillIn(IConfiguration configuration, string hostKey)
    {
        foreach (var (name, value) in configuration.AsEnumerable().Where(s => s.Value == HostKeyReference).ToList())
            configuration[name] = hostKey;
    }

    /// <summary>Nothing has to be set up: a connection that is not set is the embedded one. One that is must name it.</summary>
    public static void CheckConnections(ConfigurationManager configuration, LocalSettings settings)
    {
        var missing = new Dictionary<string, string?>(StringComparer.Ordinal);
        if (configuration[CosmosName] is null)
            missing[CosmosName] = string.Create(CultureInfo.InvariantCulture, $"AccountEndpoint=http://localhost:{settings.CosmosPort}/;AccountKey={RequestSignature.EmulatorKey}");
        if (configuration[ServiceBusName] is null)
            missing[ServiceBusName] = "Endpoint=sb://localhost;SharedAccessKeyName=RootManageSharedAccessKey;SharedAccessKey=none;UseDevelopmentEmulator=true";
        if (configuration[BlobsName] is null && configuration[BlobsName + ":serviceUri"] is null)
            missing[BlobsName] = BlobConnection.DevelopmentStorage;
        if (configuration[EventGridName] is null)
            missing[EventGridName] = string.Create(CultureInfo.InvariantCulture,
                $"http://localhost:{settings.EventGridPort}{TopicEndpoint.EventsPath}");
        if (configuration[EventGridKeyName] is null)
            missing[EventGridKeyName] = "local";
        if (missing.Count > 0)
            configuration.AddInMemoryCollection(missing);
        ServiceBusAddress(configuration);
        if (CosmosAddress(configuration).Authority == EventGridAddress(configuration).Authority)
            throw new StartupException($"The settings '{CosmosName}' and '{EventGridName}' name the same address; each service needs its own.");
        BlobsOf(configuration);
    }

    public static LocalPlatformOptions Options(IServiceProvider services, LocalSettings settings)
    {
        var configuration = services.GetRequiredService<IConfiguration>();
        return new LocalPlatformOptions
        {
            DataDirectory = settings.DataDirectory,
            TopologyPath = settings.TopologyPath,
            LoggerFactory = services.GetRequiredService<ILoggerFactory>(),
            CosmosAuthority = CosmosAddress(configuration).Authority,
            CosmosKey = PartOf(configuration[CosmosName], "AccountKey"),
            EventGridAuthority = EventGridAddress(configuration).Authority,
            CosmosPartitions = settings.CosmosPartitions,
            CosmosFaults = settings.CosmosFaults,
            ServiceBusFaults = settings.ServiceBusFaults,
            EventGridTimeScale = settings.EventGridTimeScale,
            Settings = name => configuration[name.Replace("__", ":", StringComparison.Ordinal)],
            ServiceBusPort = settings.ServiceBusPort,
            AllowedHosts = settings.AllowedHosts,
            Azurite = BlobsOf(configuration) is null ? AzuriteStart.Off : settings.Azurite,
            BlobPort = settings.BlobPort,
            BlobConnection = BlobsOf(configuration),
        };
    }

    [SuppressMessage("Security", "CA5394:Do not use insecure randomness", Justification = "Which messages come twice is no secret.")]
    private void DuplicateDeliveries(LocalPlatform platform, double fraction)
    {
        platform.Broker.DuplicateMessages(fraction, new Random());
        platform.EventGrid.DuplicateDeliveries(fraction, new Random());
        services.GetRequiredService<ILoggerFactory>().CreateLogger<PlatformOpening>().LogInformation(
            "{Setting} is {Fraction}: that share of all messages is delivered twice.", LocalSettings.DuplicateDeliveriesName, fraction);
    }

    /// <summary>The embedded storage that the setting names; <see langword="null"/> if it names another one, in Azure say.</summary>
    private static BlobConnection? BlobsOf(IConfiguration configuration)
    {
        if (configuration[BlobsName] is not { } text)
            return null;
        var connection = BlobConnection.Parse(text)
            ?? throw new StartupException(
                $"The setting '{BlobsName}' is no storage connection string. Set it to '{BlobConnection.DevelopmentStorage}', " +
                "or to one with AccountName, AccountKey and BlobEndpoint.");
        return connection.Endpoint.Scheme == Uri.UriSchemeHttp ? connection : null;
    }

    private static Uri CosmosAddress(IConfiguration configuration) =>
        Address(configuration, CosmosName, "AccountEndpoint", Uri.UriSchemeHttp);

    private static Uri ServiceBusAddress(IConfiguration configuration) => Address(configuration, ServiceBusName, "Endpoint", "sb");

    private static Uri EventGridAddress(IConfiguration configuration)
    {
        var text = configuration[EventGridName] ?? "";
        if (!Uri.TryCreate(text, UriKind.Absolute, out var address)
            || !address.AbsolutePath.Equals(TopicEndpoint.EventsPath, StringComparison.OrdinalIgnoreCase))
        {
            throw new StartupException($"The setting '{EventGridName}' is '{text}': http://host:port{TopicEndpoint.EventsPath} is expected.");
        }

        return address.Scheme == Uri.UriSchemeHttp ? address : throw NotEmbedded(EventGridName, address, Uri.UriSchemeHttp);
    }

    private static Uri Address(IConfiguration configuration, string setting, string part, string scheme)
    {
        var text = configuration[setting] ?? "";
        var value = PartOf(text, part);
        if (!Uri.TryCreate(value, UriKind.Absolute, out var address) || address.Host.Length == 0)
            throw new StartupException($"The setting '{setting}' is no connection string with {part}={scheme}://host.");
        return address.Scheme.Equals(scheme, StringComparison.OrdinalIgnoreCase)
            ? address
            : throw NotEmbedded(setting, address, scheme);
    }

    private static string? PartOf(string? connectionString, string name) => connectionString?
        .Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
        .FirstOrDefault(p => p.StartsWith(name + "=", StringComparison.OrdinalIgnoreCase))?[(name.Length + 1)..];

    private static StartupException NotEmbedded(string setting, Uri address, string scheme) => new(
        $"The setting '{setting}' names {address.GetLeftPart(UriPartial.Authority)}. On this machine the host runs this service itself, at a {scheme}:// address: leave the setting out. " +
        "An app that is to use others runs in Azure, or under Core Tools (see the page 'In Azure' of the documentation).");
}

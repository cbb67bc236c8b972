using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Pipeline.Local.Worker;

/// <summary>Opens the host's own platform, at the addresses that the connection settings name.</summary>
internal sealed class PlatformOpening(IServiceProvider services) : IHostedService
{
    private const string CosmosName = "Cosmos";
    private const string ServiceBusName = "ServiceBus";
    private const string EmulatorKey = "C2y6yDjf5/R+ob0N8A7Cgv30VRDJIWEHLM+4QDU5DE2nQ9nDuVTqobD4b8mGGyPMbIZnqyMsEcaGQy67XIw/Jw==";

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _ = services.GetRequiredService<LocalPlatform>();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Nothing has to be set up: a connection that is not set is the embedded one.</summary>
    public static void AddMissingConnections(ConfigurationManager configuration, LocalSettings settings)
    {
        var missing = new Dictionary<string, string?>();
        if (configuration[CosmosName] is null)
            missing[CosmosName] = $"AccountEndpoint=http://localhost:{(settings.CosmosPort == 0 ? 8081 : settings.CosmosPort)}/;AccountKey={EmulatorKey}";
        if (configuration[ServiceBusName] is null)
            missing[ServiceBusName] = "Endpoint=sb://localhost;SharedAccessKeyName=RootManageSharedAccessKey;SharedAccessKey=none;UseDevelopmentEmulator=true";
        if (missing.Count > 0)
            configuration.AddInMemoryCollection(missing);
    }

    public static LocalPlatform Open(IServiceProvider services, LocalSettings settings)
    {
        var configuration = services.GetRequiredService<IConfiguration>();
        var cosmos = Address(configuration, CosmosName, "AccountEndpoint", Uri.UriSchemeHttp);
        var serviceBus = Address(configuration, ServiceBusName, "Endpoint", "sb");
        return LocalPlatform.Open(new LocalPlatformOptions
        {
            DataDirectory = settings.DataDirectory,
            TimeProvider = TimeProvider.System,
            LoggerFactory = services.GetRequiredService<ILoggerFactory>(),
            CosmosAuthority = cosmos.Authority,
            ServiceBusNamespace = serviceBus.Host,
        });
    }

    private static Uri Address(IConfiguration configuration, string setting, string part, string scheme)
    {
        var text = configuration[setting] ?? "";
        var value = text.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .FirstOrDefault(p => p.StartsWith(part + "=", StringComparison.OrdinalIgnoreCase))?[(part.Length + 1)..];
        if (!Uri.TryCreate(value, UriKind.Absolute, out var address) || address.Host.Length == 0)
            throw new StartupException($"The setting '{setting}' is no connection string with {part}={scheme}://host.");
        return address.Scheme.Equals(scheme, StringComparison.OrdinalIgnoreCase)
            ? address
            : throw new StartupException(
                $"The setting '{setting}' names {address.GetLeftPart(UriPartial.Authority)}. The Local build runs this service itself, at a {scheme}:// address; " +
                "for any other use the Azure build (-p:FunctionsHost=Azure).");
    }
}

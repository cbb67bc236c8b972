using Microsoft.Extensions.Configuration;
using Pipeline.Payloads;
using static Pipeline.AzureFunctions.Configuration.SettingPlace;

namespace Pipeline.AzureFunctions.Configuration;

/// <summary>
/// All settings that the package reads, but for those of webhook sources, and options (<see cref="OptionSettings"/>). A test compares them
/// with <c>docs/reference/settings.md</c>.
/// </summary>
internal static class PipelineSettings
{
    public static readonly Setting Cosmos = new(
        PipelineNames.Cosmos, "the connection string of Cosmos DB, on one machine only",
        "AccountEndpoint=https://localhost:8081/;AccountKey=...", OnMachine);

    public static readonly Setting CosmosEndpoint = new(
        PipelineNames.Cosmos + "__accountEndpoint", "the endpoint of the Cosmos DB account, opened with a managed identity",
        "https://myaccount.documents.azure.com:443/", InAzure);

    public static readonly Setting CosmosCredential = new(
        PipelineNames.Cosmos + "__credential", "how the trigger opens Cosmos DB; the app itself does not read it", "managedidentity", InAzure);

    public static readonly Setting CosmosClientId = new(
        PipelineNames.Cosmos + "__clientId", "the client id of the user-assigned identity for Cosmos DB", ExampleId, InAzure)
    { Error = ClientIdError };

    public static readonly Setting ServiceBus = new(
        PipelineNames.ServiceBus, "the connection string of Service Bus, on one machine only",
        "Endpoint=sb://localhost;SharedAccessKeyName=...;SharedAccessKey=...;UseDevelopmentEmulator=true", OnMachine);

    public static readonly Setting ServiceBusNamespace = new(
        PipelineNames.ServiceBus + "__fullyQualifiedNamespace", "the host name of the Service Bus namespace, opened with a managed identity",
        "mynamespace.servicebus.windows.net", InAzure);

    public static readonly Setting ServiceBusCredential = new(
        PipelineNames.ServiceBus + "__credential", "how the triggers open Service Bus; the app itself does not read it", "managedidentity", InAzure);

    public static readonly Setting ServiceBusClientId = new(
        PipelineNames.ServiceBus + "__clientId", "the client id of the user-assigned identity for Service Bus", ExampleId, InAzure)
    { Error = ClientIdError };

    public static readonly Setting EventGridEndpoint = new(
        PipelineNames.EventGrid + "__topicEndpoint", "the address of the Event Grid topic for public events, or 'none'",
        "https://mytopic.westeurope-1.eventgrid.azure.net/api/events", InAzure | OnMachine);

    public static readonly Setting EventGridKey = new(
        PipelineNames.EventGrid + "__key", "the key of the Event Grid topic, on one machine only; in Azure a managed identity is used", "local", OnMachine);

    public static readonly Setting EventGridClientId = new(
        PipelineNames.EventGrid + "__clientId", "the client id of the user-assigned identity for Event Grid", ExampleId, InAzure)
    { Error = ClientIdError };

    public static readonly Setting Blobs = new(
        PipelineNames.Blobs, "the connection string of the blob storage for large messages, on one machine only", "UseDevelopmentStorage=true", OnMachine);

    public static readonly Setting BlobsUri = new(
        PipelineNames.Blobs + "__serviceUri", "the blob storage for large messages, opened with a managed identity",
        "https://myaccount.blob.core.windows.net", InAzure);

    public static readonly Setting BlobsClientId = new(
        PipelineNames.Blobs + "__clientId", "the client id of the user-assigned identity for the blob storage", ExampleId, InAzure)
    { Error = ClientIdError };

    public static readonly Setting SchemasAddress = new(
        "Schemas__baseAddress", "the address of the schemas of events, if it is not this app", "https://api.contoso.com", None)
    { Error = Setting.AddressError };

    public static readonly Setting HostName = new(
        "WEBSITE_HOSTNAME", "the host name of this app, set by the Functions host", "myapp.azurewebsites.net", None);

    public static readonly Setting ApplicationInsights = new(
        "APPLICATIONINSIGHTS_CONNECTION_STRING", "the Application Insights resource for traces, metrics and logs; without it none are sent there",
        "InstrumentationKey=...;IngestionEndpoint=https://...", InAzure);

    public static readonly Setting ApplicationInsightsIdentity = new(
        "APPLICATIONINSIGHTS_AUTHENTICATION_STRING", "the identity that sends them to Application Insights",
        "ClientId=" + ExampleId + ";Authorization=AAD", InAzure)
    { Error = value => ClientIdIn(value) is null ? "has no client id" : null };

    public static readonly Setting Collector = new(
        "OTEL_EXPORTER_OTLP_ENDPOINT", "an OpenTelemetry collector for traces, metrics and logs; the other variables OTEL_... apply too",
        "http://localhost:4317", None)
    { Error = Setting.AddressError };

    public static readonly IReadOnlyList<Setting> All =
    [
        Cosmos, CosmosEndpoint, CosmosCredential, CosmosClientId,
        ServiceBus, ServiceBusNamespace, ServiceBusCredential, ServiceBusClientId,
        EventGridEndpoint, EventGridKey, EventGridClientId,
        Blobs, BlobsUri, BlobsClientId,
        SchemasAddress, HostName, ApplicationInsights, ApplicationInsightsIdentity, Collector,
    ];

    private const string ExampleId = "00000000-0000-0000-0000-000000000000";

    /// <summary>Gets the errors of the settings, each with its name, purpose and an example; empty if all are valid.</summary>
    /// <param name="configuration">The settings.</param>
    /// <param name="ofApp">The app's own settings.</param>
    public static IReadOnlyList<string> Check(IConfiguration configuration, IReadOnlyList<Setting> ofApp)
    {
        List<Setting> all = [.. All, .. ofApp];
        return
        [
            .. new[]
            {
                Connection(configuration, Cosmos, "AccountEndpoint", CosmosEndpoint, IsHttps),
                Connection(configuration, ServiceBus, "Endpoint", ServiceBusNamespace, IsHostName),
                EventGridError(configuration),
                BlobsError(configuration),
            }.OfType<string>(),
            .. all.Select(s => s.Check(configuration)).OfType<string>(),
            .. all.Select(s => s.Section).OfType<string>().Distinct(StringComparer.OrdinalIgnoreCase)
                .SelectMany(section => UnknownIn(configuration.GetSection(section), [.. all.Where(s => section.Equals(s.Section, StringComparison.OrdinalIgnoreCase)).Select(s => s.Name)])),
        ];
    }

    private static IEnumerable<string> UnknownIn(IConfigurationSection section, List<string> known) => section.GetChildren()
        .Select(child => child.Path.Replace(":", "__", StringComparison.Ordinal))
        .Where(name => !known.Contains(name, StringComparer.OrdinalIgnoreCase))
        .Select(name => $"'{name}' is not a setting of this app; its settings are {string.Join(", ", All.Select(s => s.Name).Concat(known).Distinct(StringComparer.Ordinal).Where(n => n.StartsWith(section.Key, StringComparison.OrdinalIgnoreCase)))}.");

    /// <summary>A connection string, or the address that an identity opens.</summary>
    private static string? Connection(IConfiguration configuration, Setting connection, string part, Setting address, Func<string, bool> isAddress)
    {
        if (connection.Of(configuration) is { } text)
        {
            var value = text.Split(';', StringSplitOptions.TrimEntries)
                .FirstOrDefault(p => p.StartsWith(part + "=", StringComparison.OrdinalIgnoreCase))?[(part.Length + 1)..];
            return Uri.TryCreate(value, UriKind.Absolute, out _) ? null : connection.Wrong($"is not a connection string with {part}=...");
        }

        return address.Of(configuration) is { } endpoint
            ? isAddress(endpoint) ? null : address.Wrong($"is '{endpoint}'")
            : $"{address.Missing} On one machine set '{connection.Name}' instead, as local.settings.sample.json does.";
    }

    private static string? EventGridError(IConfiguration configuration)
    {
        if (EventGridEndpoint.Of(configuration) is not { } endpoint)
            return EventGridEndpoint.Missing;
        if (endpoint == "none")
            return null;
        if (Setting.AddressError(endpoint) is not null)
            return EventGridEndpoint.Wrong($"is '{endpoint}'");
        return !IsHttps(endpoint) && EventGridKey.Of(configuration) is null
            ? $"{EventGridKey.Missing} An identity is not used with '{endpoint}', because it is not https."
            : null;
    }

    private static string? BlobsError(IConfiguration configuration)
    {
        if (Blobs.Of(configuration) is not { } connection)
            return Connection(configuration, Blobs, "", BlobsUri, IsHttps);
        try
        {
            BlobAccount.Of(connection);
            return null;
        }
        catch (ArgumentException wrong)
        {
            return Blobs.Wrong($"cannot be used: {wrong.Message.Split('\n')[0].TrimEnd('.')}");
        }
    }

    private static string? ClientIdError(string value) => Guid.TryParse(value, out _) ? null : "is not a client id";

    /// <summary>Gets the client id in <see cref="ApplicationInsightsIdentity"/>, as the Functions host reads it.</summary>
    internal static string? ClientIdIn(string identity) =>
        identity.Split(';', StringSplitOptions.TrimEntries).FirstOrDefault(p => p.StartsWith("ClientId=", StringComparison.OrdinalIgnoreCase)) is { } part
        && Guid.TryParse(part["ClientId=".Length..], out _) ? part["ClientId=".Length..] : null;

    private static bool IsHttps(string text) => Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme == Uri.UriSchemeHttps;

    private static bool IsHostName(string text) => Uri.CheckHostName(text) == UriHostNameType.Dns;
}

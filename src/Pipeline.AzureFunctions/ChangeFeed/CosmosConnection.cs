using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.Configuration;
using Pipeline.AzureFunctions.Configuration;

namespace Pipeline.AzureFunctions.ChangeFeed;

/// <summary>Opens Cosmos DB as the settings say.</summary>
internal static class CosmosConnection
{
    public static CosmosClient Open(IConfiguration configuration, IHttpClientFactory http)
    {
        var options = new CosmosClientOptions
        {
            ApplicationName = "Pipeline",
            HttpClientFactory = () => http.CreateClient(PipelineNames.Cosmos),
            EnableContentResponseOnWrite = false,
            CosmosClientTelemetryOptions = new CosmosClientTelemetryOptions { DisableDistributedTracing = false },
        };
        if (PipelineSettings.Cosmos.Of(configuration) is { } connection)
        {
            // A local endpoint or emulator supports only gateway mode and announces a name that may not resolve.
            if (connection.Contains("AccountEndpoint=http://", StringComparison.OrdinalIgnoreCase) || connection.Contains("localhost", StringComparison.OrdinalIgnoreCase))
            {
                options.ConnectionMode = ConnectionMode.Gateway;
                options.LimitToEndpoint = true;
            }

            return new CosmosClient(connection, options);
        }

        return new CosmosClient(PipelineSettings.CosmosEndpoint.Required(configuration), Credentials.Of(configuration, PipelineSettings.CosmosClientId), options);
    }
}

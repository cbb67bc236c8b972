using Azure.Messaging.ServiceBus;
using Microsoft.Extensions.Configuration;
using Pipeline.AzureFunctions.Configuration;

namespace Pipeline.AzureFunctions.ServiceBus;

/// <summary>Opens Service Bus as the settings say, to send and to peek.</summary>
internal static class ServiceBusConnection
{
    public static ServiceBusClient Open(IConfiguration configuration)
    {
        // The relay retries by itself, so one unavailable destination must not delay a round for minutes.
        var options = new ServiceBusClientOptions { RetryOptions = new ServiceBusRetryOptions { TryTimeout = TimeSpan.FromSeconds(10), MaxRetries = 1 } };
        return PipelineSettings.ServiceBus.Of(configuration) is { } connection
            ? new ServiceBusClient(connection, options)
            : new ServiceBusClient(
                PipelineSettings.ServiceBusNamespace.Required(configuration), Credentials.Of(configuration, PipelineSettings.ServiceBusClientId), options);
    }
}

using Azure;
using Azure.Core.Pipeline;
using Azure.Messaging.EventGrid;
using Microsoft.Extensions.Configuration;
using Pipeline.AzureFunctions.Configuration;
using Pipeline.Outbox;

namespace Pipeline.AzureFunctions.EventGrid;

/// <summary>Opens the Event Grid topic as the settings say.</summary>
internal static class EventGridConnection
{
    /// <summary>Gets the publisher to the topic; <see langword="null"/> if there is none.</summary>
    public static EventGridPublisher? Open(IConfiguration configuration, IHttpClientFactory http)
    {
        var endpoint = PipelineSettings.EventGridEndpoint.Required(configuration);
        if (endpoint == "none")
            return null;
        var address = new Uri(endpoint);

        // One quick retry: the relay leaves failures to the recovery sweep.
        var options = new EventGridPublisherClientOptions
        {
            Transport = new HttpClientTransport(http.CreateClient(PipelineNames.EventGrid)),
            Retry = { MaxRetries = 1, Delay = TimeSpan.FromMilliseconds(100), NetworkTimeout = TimeSpan.FromSeconds(3) },
        };
        return new EventGridPublisher(PipelineSettings.EventGridKey.Of(configuration) is { } key
            ? new EventGridPublisherClient(address, new AzureKeyCredential(key), options)
            : new EventGridPublisherClient(address, Credentials.Of(configuration, PipelineSettings.EventGridClientId), options));
    }
}

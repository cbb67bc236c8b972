using Azure.Core.Pipeline;
using Microsoft.Extensions.Configuration;
using Pipeline.AzureFunctions.Configuration;
using Pipeline.Payloads;

namespace Pipeline.AzureFunctions.Blobs;

/// <summary>Opens the blob storage for large messages as the settings say.</summary>
internal static class BlobConnection
{
    public static BlobPayloadStore Open(IConfiguration configuration, PayloadOptions options, IHttpClientFactory http) =>
        new(() => AccountOf(configuration), options, new HttpClientTransport(http.CreateClient(PipelineNames.Blobs)));

    private static BlobAccount AccountOf(IConfiguration configuration) =>
        PipelineSettings.Blobs.Of(configuration) is { } connection
            ? BlobAccount.Of(connection)
            : BlobAccount.Of(PipelineSettings.BlobsUri.Required(configuration), Credentials.Of(configuration, PipelineSettings.BlobsClientId));
}

using System.Net;
using System.Net.Sockets;

namespace Pipeline.Local.Storage;

/// <summary>Sends requests for blobs to where the service really listens, which makes it start.</summary>
internal sealed class BlobHandler(BlobService blobs, HttpMessageHandler network) : DelegatingHandler(network)
{
    /// <exception cref="BlobsUnavailableException">The service cannot be started.</exception>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (IsListing(request) && blobs.IsUntouched)
            return NothingStored(request);

        // The signature covers the path, not the authority.
        var address = await blobs.EnsureStartedAsync(cancellationToken);
        request.RequestUri = new Uri(address, request.RequestUri!.PathAndQuery);
        try
        {
            return await base.SendAsync(request, cancellationToken);
        }
        catch (HttpRequestException e) when (e.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionRefused })
        {
            blobs.Lost(address);
            throw;
        }
    }

    private static bool IsListing(HttpRequestMessage request) =>
        request.Method == HttpMethod.Get && request.RequestUri!.Query.Contains("comp=list", StringComparison.Ordinal);

    /// <summary>Whoever looks for what can be cleared away must not start, or even install, a service that holds nothing.</summary>
    private static HttpResponseMessage NothingStored(HttpRequestMessage request)
    {
        var response = new HttpResponseMessage(HttpStatusCode.NotFound) { RequestMessage = request, Content = new ByteArrayContent([]) };
        response.Headers.Add("x-ms-error-code", "ContainerNotFound");
        return response;
    }
}

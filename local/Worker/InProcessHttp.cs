using System.Net;
using System.Net.Sockets;
using Pipeline.Local.Storage;

namespace Pipeline.Local.Worker;

/// <summary>
/// The way out for every HttpClient of the app: requests to the embedded Cosmos DB endpoint stay in the process, those to
/// the blob storage make it start and go to where it listens, all others go over the network as they are.
/// </summary>
internal sealed class InProcessHttp : IDisposable
{
    private readonly SocketsHttpHandler _network = new() { PooledConnectionLifetime = TimeSpan.FromMinutes(2) };
    private readonly HttpMessageHandler _embedded;
    private readonly string _authority;
    private readonly BlobService _blobs;

    public InProcessHttp(LocalPlatform platform)
    {
        _authority = platform.CosmosAuthority;
        _embedded = platform.CreateCosmosHandler();
        _blobs = platform.Blobs;
    }

    /// <summary>A handler for one client, which may dispose of it: what is shared stays.</summary>
    public HttpMessageHandler CreateHandler() => new Router(_authority, _embedded, _blobs, _network);

    public void Dispose()
    {
        _embedded.Dispose();
        _network.Dispose();
    }

    private sealed class Router(string authority, HttpMessageHandler embedded, BlobService blobs, HttpMessageHandler network) : HttpMessageHandler
    {
        private readonly HttpMessageInvoker _embedded = new(embedded, disposeHandler: false);
        private readonly HttpMessageInvoker _network = new(network, disposeHandler: false);

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var isEmbedded = request.RequestUri is { } uri
                && uri.Scheme == Uri.UriSchemeHttp
                && uri.Authority.Equals(authority, StringComparison.OrdinalIgnoreCase);
            if (!isEmbedded && blobs.IsFor(request.RequestUri))
                return SendToBlobsAsync(request, cancellationToken);
            return (isEmbedded ? _embedded : _network).SendAsync(request, cancellationToken);
        }

        private async Task<HttpResponseMessage> SendToBlobsAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (IsListing(request) && blobs.IsUntouched && !await blobs.IsSomebodyThereAsync(cancellationToken))
                return NothingStored(request);

            // The signature covers the path, not the authority.
            var address = await blobs.EnsureStartedAsync(cancellationToken);
            request.RequestUri = new Uri(address, request.RequestUri!.PathAndQuery);
            try
            {
                return await _network.SendAsync(request, cancellationToken);
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
}

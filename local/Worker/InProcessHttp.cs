namespace Pipeline.Local.Worker;

/// <summary>
/// The way out for every HttpClient of the app: requests to the embedded Cosmos DB endpoint stay in the process, all
/// others go over the network.
/// </summary>
internal sealed class InProcessHttp : IDisposable
{
    private readonly SocketsHttpHandler _network = new() { PooledConnectionLifetime = TimeSpan.FromMinutes(2) };
    private readonly HttpMessageHandler _embedded;
    private readonly string _authority;

    public InProcessHttp(LocalPlatform platform)
    {
        _authority = platform.CosmosAuthority;
        _embedded = platform.CreateCosmosHandler();
    }

    /// <summary>A handler for one client, which may dispose of it: what is shared stays.</summary>
    public HttpMessageHandler CreateHandler() => new Router(_authority, _embedded, _network);

    public void Dispose()
    {
        _embedded.Dispose();
        _network.Dispose();
    }

    private sealed class Router(string authority, HttpMessageHandler embedded, HttpMessageHandler network) : HttpMessageHandler
    {
        private readonly HttpMessageInvoker _embedded = new(embedded, disposeHandler: false);
        private readonly HttpMessageInvoker _network = new(network, disposeHandler: false);

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var isEmbedded = request.RequestUri is { } uri
                && uri.Scheme == Uri.UriSchemeHttp
                && uri.Authority.Equals(authority, StringComparison.OrdinalIgnoreCase);
            return (isEmbedded ? _embedded : _network).SendAsync(request, cancellationToken);
        }
    }
}

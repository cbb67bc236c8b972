namespace Pipeline.Local.Worker;

/// <summary>
/// The way out for every HttpClient of the app: requests to the embedded endpoints stay in the process, all others go
/// over the network.
/// </summary>
internal sealed class InProcessHttp : IDisposable
{
    private readonly SocketsHttpHandler _network = new() { PooledConnectionLifetime = TimeSpan.FromMinutes(2) };
    private readonly Dictionary<string, HttpMessageHandler> _embedded;

    public InProcessHttp(LocalPlatform platform) => _embedded = new(StringComparer.OrdinalIgnoreCase)
    {
        [platform.CosmosAuthority] = platform.CreateCosmosHandler(),
        [platform.EventGridAuthority] = platform.CreateEventGridHandler(),
    };

    /// <summary>A handler for one client, which may dispose of it: what is shared stays.</summary>
    public HttpMessageHandler CreateHandler() => new Router(_embedded, _network);

    public void Dispose()
    {
        foreach (var handler in _embedded.Values)
            handler.Dispose();
        _network.Dispose();
    }

    private sealed class Router(Dictionary<string, HttpMessageHandler> embedded, HttpMessageHandler network) : HttpMessageHandler
    {
        private readonly Dictionary<string, HttpMessageInvoker> _embedded = embedded.ToDictionary(
            e => e.Key, e => new HttpMessageInvoker(e.Value, disposeHandler: false), embedded.Comparer);

        private readonly HttpMessageInvoker _network = new(network, disposeHandler: false);

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var way = request.RequestUri is { Scheme: "http" } uri && _embedded.TryGetValue(uri.Authority, out var endpoint) ? endpoint : _network;
            return way.SendAsync(request, cancellationToken);
        }
    }
}

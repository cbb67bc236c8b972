using Pipeline.Local.Storage;
using Pipeline.Local.Testing;

namespace Pipeline.Local.Hosting;

/// <summary>
/// The way out for every HttpClient of the app: requests to the embedded endpoints stay in the process, those to the blob
/// storage make it start and go to where it listens, all others go over the network as they are.
/// </summary>
internal sealed class InProcessHttp : IDisposable
{
    private readonly SocketsHttpHandler _network = new() { PooledConnectionLifetime = TimeSpan.FromMinutes(2) };
    private readonly Dictionary<string, HttpMessageHandler> _embedded;
    private readonly BlobService _blobs;
    private readonly PlatformActivity? _activity;
    private readonly Line _cut = new();

    public InProcessHttp(LocalPlatform platform)
    {
        _blobs = platform.Blobs;
        _activity = platform.Activity;
        _embedded = new(StringComparer.OrdinalIgnoreCase)
        {
            [platform.CosmosAuthority] = platform.CreateCosmosHandler(),
            [platform.EventGridAuthority] = platform.CreateEventGridHandler(),
        };
    }

    /// <summary>A handler for one client, which may dispose of it: what is shared stays.</summary>
    public HttpMessageHandler CreateHandler() => new Router(_embedded, _blobs, _network, _cut, _activity);

    /// <summary>Cuts the app off from everything, as the end of its process would.</summary>
    public void Cut() => _cut.IsCut = true;

    public void Dispose()
    {
        foreach (var handler in _embedded.Values)
            handler.Dispose();
        _network.Dispose();
    }

    private sealed class Line
    {
        public volatile bool IsCut;
    }

    private sealed class Router(
        Dictionary<string, HttpMessageHandler> embedded, BlobService blobs, HttpMessageHandler network, Line line, PlatformActivity? activity) : HttpMessageHandler
    {
        private readonly Dictionary<string, HttpMessageInvoker> _embedded = embedded.ToDictionary(
            e => e.Key, e => new HttpMessageInvoker(e.Value, disposeHandler: false), embedded.Comparer);

        private readonly HttpMessageInvoker _network = new(network, disposeHandler: false);
        private readonly HttpMessageInvoker _blobs = new(new BlobHandler(blobs, network), disposeHandler: false);

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (line.IsCut)
                throw new HttpRequestException(HttpRequestError.ConnectionError, "The host has crashed.");
            activity?.Changed();
            if (request.RequestUri is { Scheme: "http" } uri && _embedded.TryGetValue(uri.Authority, out var endpoint))
                return endpoint.SendAsync(request, cancellationToken);
            return blobs.IsFor(request.RequestUri) ? _blobs.SendAsync(request, cancellationToken) : _network.SendAsync(request, cancellationToken);
        }

        /// <summary>Only over the network: what sends without waiting asynchronously, as exporters of telemetry do, has no business with the platform.</summary>
        protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken) =>
            (request.RequestUri is { Scheme: "http" } uri && _embedded.ContainsKey(uri.Authority)) || blobs.IsFor(request.RequestUri)
                ? base.Send(request, cancellationToken)
                : _network.Send(request, cancellationToken);
    }
}

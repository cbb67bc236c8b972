using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Primitives;

namespace Pipeline.Local.Hosting;

/// <summary>Endpoints that are known only after the server has started: those of functions, once the app has said which it has.</summary>
internal sealed class LateEndpoints : EndpointDataSource, IDisposable
{
    private CancellationTokenSource _changed = new();
    private volatile IReadOnlyList<Endpoint> _endpoints = [];

    /// <summary>Whether they are known.</summary>
    public bool AreKnown { get; private set; }

    public override IReadOnlyList<Endpoint> Endpoints => _endpoints;

    public override IChangeToken GetChangeToken() => new CancellationChangeToken(Volatile.Read(ref _changed).Token);

    public void Set(IServiceProvider services, Action<IEndpointRouteBuilder> map)
    {
        var routes = new Routes(services);
        map(routes);
        _endpoints = [.. routes.DataSources.SelectMany(source => source.Endpoints)];
        AreKnown = true;
        using var before = Interlocked.Exchange(ref _changed, new CancellationTokenSource());
        before.Cancel();
    }

    public void Dispose() => _changed.Dispose();

    private sealed class Routes(IServiceProvider services) : IEndpointRouteBuilder
    {
        public IServiceProvider ServiceProvider => services;

        public ICollection<EndpointDataSource> DataSources { get; } = [];

        public IApplicationBuilder CreateApplicationBuilder() => new ApplicationBuilder(services);
    }
}

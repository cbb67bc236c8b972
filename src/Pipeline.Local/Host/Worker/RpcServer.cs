using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Pipeline.Local.Hosting.Rpc;

namespace Pipeline.Local.Hosting;

/// <summary>Where workers connect: the host's side of the worker's protocol, on a free port of 127.0.0.1.</summary>
internal sealed class RpcServer : IAsyncDisposable
{
    private const int StreamsPerConnection = 10_000;

    private readonly WebApplication _app;
    private readonly ExpectedWorkers _expected;

    private RpcServer(WebApplication app, ExpectedWorkers expected)
    {
        _app = app;
        _expected = expected;
        Address = app.HttpAddress();
    }

    public Uri Address { get; }

    public static async Task<RpcServer> StartAsync(Settlements settlements, ILoggerFactory logs, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        var expected = new ExpectedWorkers();
        builder.Services.AddSingleton(logs);
        builder.Services.AddSingleton(expected);
        builder.Services.AddSingleton(settlements);
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.Services.AddRoutingCore();
        builder.Services.AddGrpc(options =>
        {
            // The worker has no limit of its own, and what it gets is no larger than what the broker and Cosmos DB take.
            options.MaxReceiveMessageSize = null;
            options.MaxSendMessageSize = null;
        });
        builder.WebHost.UseKestrelCore().ConfigureKestrel(options =>
        {
            options.AddServerHeader = false;

            // A worker settles over one connection, each settlement a stream.
            options.Limits.Http2.MaxStreamsPerConnection = StreamsPerConnection;
            options.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2);
        });
        var app = builder.Build();
        app.UseRouting();
        app.MapGrpcService<FunctionRpcService>();
        app.MapGrpcService<SettlementService>();
        try
        {
            await app.StartAsync(cancellationToken);
            return new RpcServer(app, expected);
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    /// <summary>Lets one worker connect, under an id that nobody can guess.</summary>
    public WorkerLink Expect(Action<RpcLog> onLog, Action<WorkerLink> onEnd) => _expected.Add(onLog, onEnd);

    /// <summary>A worker has ended.</summary>
    public void Forget(WorkerLink link) => _expected.Remove(link);

    public async ValueTask DisposeAsync()
    {
        _expected.EndAll();
        await _app.DisposeAsync();
    }
}

using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Pipeline.Tests.EventGrid;

/// <summary>A subscriber over real HTTP that does as a test tells it.</summary>
internal sealed class Webhook : IAsyncDisposable
{
    private readonly List<Received> _received = [];
    private WebApplication? _app;
    private int _port;
    private int _handshakes;

    /// <summary>Answers a delivery. Default: 200.</summary>
    public Func<HttpContext, Task<int>> OnDelivery { get; set; } = _ => Task.FromResult(200);

    /// <summary>What the handshake allows; <see langword="null"/>: it says nothing.</summary>
    public string? AllowedOrigin { get; set; } = "eventgrid.azure.net";

    public string Url => Invariant($"http://127.0.0.1:{_port}/hook?code=secret");

    public int Handshakes => Volatile.Read(ref _handshakes);

    /// <summary>The deliveries that came, whatever was answered.</summary>
    public IReadOnlyList<Received> Deliveries
    {
        get
        {
            lock (_received)
                return [.. _received];
        }
    }

    public IEnumerable<string> Ids => Deliveries.Select(d => d.Id);

    public static async Task<Webhook> StartAsync()
    {
        var webhook = new Webhook();
        await webhook.UpAsync();
        return webhook;
    }

    /// <summary>Listens, at the same address as before.</summary>
    public async Task UpAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        builder.Services.Configure<KestrelServerOptions>(options => options.Listen(IPAddress.Loopback, _port));
        _app = builder.Build();
        _app.Run(AnswerAsync);
        await _app.StartAsync();
        _port = new Uri(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()).Port;
    }

    /// <summary>Refuses connections.</summary>
    public async Task DownAsync()
    {
        if (_app is null)
            return;
        await _app.StopAsync(new CancellationToken(canceled: true));
        await _app.DisposeAsync();
        _app = null;
    }

    public Task WaitAsync(int deliveries) => Soon.TrueAsync(() => Deliveries.Count >= deliveries, Invariant($"{deliveries} deliveries"));

    public async ValueTask DisposeAsync() => await DownAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        if (HttpMethods.IsOptions(context.Request.Method))
        {
            Interlocked.Increment(ref _handshakes);
            Assert.Equal("eventgrid.azure.net", context.Request.Headers["WebHook-Request-Origin"]);
            if (AllowedOrigin is not null)
                context.Response.Headers["WebHook-Allowed-Origin"] = AllowedOrigin;
            return;
        }

        using var body = new StreamReader(context.Request.Body);
        var received = new Received(
            await body.ReadToEndAsync(), context.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase));
        lock (_received)
            _received.Add(received);
        context.Response.StatusCode = await OnDelivery(context);
    }
}

internal sealed record Received(string Body, IReadOnlyDictionary<string, string> Headers)
{
    public string Id => System.Text.Json.JsonDocument.Parse(Body).RootElement.GetProperty("id").GetString()!;
}

/// <summary>Waits for what happens soon on an idle machine, and somewhat later on a busy one.</summary>
internal static class Soon
{
    public static async Task TrueAsync(Func<bool> condition, string what)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!condition())
        {
            Assert.False(patience.IsCancellationRequested, $"Waited in vain for {what}.");
            await Task.Delay(5);
        }
    }
}

using System.Net;
using System.Net.Sockets;
using Azure.Core.Pipeline;
using Azure.Messaging.EventGrid;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Pipeline.Local;
using Pipeline.TestFunctions;
using Pipeline.Tests.Hosting;

namespace Pipeline.Tests.EventGrid;

public sealed class HostTests
{
    private const string Function = """[ { "name": "notify", "function": "GridSingle", "types": ["t"] } ]""";

    [Fact]
    public async Task Function_gets_what_its_app_publishes_with_the_sdk()
    {
        await using var platform = Open(Function);
        await using var host = await TestHost.StartAsync(platform, "GridSingle");
        var client = ClientOf(host);
        await client.SendEventsAsync([LocalTopic.Event("1"), LocalTopic.Event("2"), LocalTopic.Event("other", "u")]);
        await host.Probe.WaitAsync(2);
        await QuietAsync(platform);
        Assert.Equal(["1", "2"], host.Probe.Seen.Order());
        Assert.Equal(2, platform.EventGrid.Subscription("notify")!.Delivered);
    }

    [Fact]
    public async Task Function_that_fails_gets_the_event_again()
    {
        await using var platform = Open(Function, timeScale: 1000);
        await using var host = await TestHost.StartAsync(platform, "GridSingle");
        host.Probe.OnSeen = _ => host.Probe.Seen.Count < 3 ? throw new InvalidOperationException("planted") : Task.CompletedTask;
        await ClientOf(host).SendEventAsync(LocalTopic.Event("1"));
        await host.Probe.WaitAsync(3);
        await QuietAsync(platform);
        Assert.Equal(["1", "1", "1"], host.Probe.Seen);
    }

    [Fact]
    public async Task Events_wait_while_no_host_runs_the_function_and_several_hosts_share_them()
    {
        await using var platform = Open(Function);
        await using (var publisher = await TestHost.StartAsync(platform, "HttpDefaults"))
        {
            await ClientOf(publisher).SendEventAsync(LocalTopic.Event("early"));
            Assert.Equal("WaitingForHost", platform.EventGrid.Subscription("notify")!.State);
        }

        var probe = new Probe();
        await using (var first = await TestHost.StartAsync(platform, "GridSingle", probe: probe))
        {
            await probe.WaitAsync(1);
        }

        Assert.Equal("WaitingForHost", platform.EventGrid.Subscription("notify")!.State);
        Assert.Equal(0, platform.EventGrid.Subscription("notify")!.FailedAttempts);
        await using var left = await TestHost.StartAsync(platform, "GridSingle");
        await using var right = await TestHost.StartAsync(platform, "GridSingle");
        await ClientOf(left).SendEventsAsync(Enumerable.Range(0, 10).Select(i => LocalTopic.Event(Invariant($"{i}"))));
        await QuietAsync(platform);
        Assert.Equal((5, 5), (left.Probe.Seen.Count, right.Probe.Seen.Count));
    }

    [Fact]
    public async Task Host_that_stops_finishes_what_it_has_and_gets_nothing_more()
    {
        await using var platform = Open(Function);
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var host = await TestHost.StartAsync(platform, "GridSingle");
        host.Probe.OnSeen = _ => go.Task;
        await ClientOf(host).SendEventAsync(LocalTopic.Event("1"));
        await host.Probe.WaitAsync(1);
        var stopping = host.DisposeAsync().AsTask();
        await Soon.TrueAsync(() => platform.EventGrid.Subscription("notify")!.State == "WaitingForHost", "the host to leave");
        go.SetResult();
        await stopping;
        await QuietAsync(platform);
        Assert.Equal((1, 0), (platform.EventGrid.Subscription("notify")!.Delivered, platform.EventGrid.Subscription("notify")!.FailedAttempts));
    }

    [Fact]
    public async Task Own_platform_serves_the_port_to_other_programs()
    {
        var port = FreePort();
        await using var host = TestHost.Build(null, "GridSingle", settings: [
            "--Cosmos", "AccountEndpoint=http://grid.test/;AccountKey=x", "--ServiceBus", "Endpoint=sb://grid.test",
            "--Local:EventGridPort", Invariant($"{port}"), "--EventGrid:topicEndpoint", Invariant($"http://localhost:{port}/api/events")]);
        await host.App.StartAsync();
        await using var webhook = await Webhook.StartAsync();
        using var http = new HttpClient { BaseAddress = new Uri(Invariant($"http://127.0.0.1:{port}")) };
        using var put = await http.PutAsync("/subscriptions/hook", new StringContent($$"""{ "endpoint": "{{webhook.Url}}" }"""));
        Assert.Equal(HttpStatusCode.Created, put.StatusCode);
        await LocalTopic.NewClient(http, Invariant($"http://localhost:{port}/api/events")).SendEventAsync(LocalTopic.Event("over the wire"));
        await webhook.WaitAsync(1);
        Assert.Equal(["over the wire"], webhook.Ids);

        var tooMuch = new StringContent(new string('x', (1024 * 1024) + 1));
        using var refused = await http.PostAsync("/api/events", tooMuch);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, refused.StatusCode);
    }

    [Fact]
    public async Task Killed_platform_delivers_after_the_next_start()
    {
        var directory = Directory.CreateTempSubdirectory("eventgrid-");
        try
        {
            var platform = Open(Function, directory: directory.FullName);
            await LocalTopic.NewClient(new HttpClient(platform.CreateEventGridHandler())).SendEventAsync(LocalTopic.Event("1"));
            platform.Kill();
            await using var next = Open(Function, directory: directory.FullName);
            await using var host = await TestHost.StartAsync(next, "GridSingle");
            Assert.Equal(["1"], await host.Probe.WaitAsync(1));
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    /// <summary>As an app makes it: from its settings, with a client of its factory.</summary>
    private static EventGridPublisherClient ClientOf(TestHost host)
    {
        var configuration = host.App.Services.GetRequiredService<IConfiguration>();
        var options = new EventGridPublisherClientOptions
        {
            Transport = new HttpClientTransport(host.App.Services.GetRequiredService<IHttpClientFactory>().CreateClient("grid")),
        };
        return new EventGridPublisherClient(
            new Uri(configuration["EventGrid:topicEndpoint"]!), new Azure.AzureKeyCredential(configuration["EventGrid:key"]!), options);
    }

    private static async Task QuietAsync(LocalPlatform platform)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await platform.EventGrid.WaitUntilQuietAsync(patience.Token);
    }

    private static LocalPlatform Open(string subscriptions, double timeScale = 1, string? directory = null)
    {
        var path = Path.GetTempFileName();
        File.WriteAllText(path, $$"""
            {
              "cosmos": { "database": "db", "leases": "leases", "containers": [] }, "serviceBus": { "topics": [], "queues": [] },
              "eventGrid": { "subscriptions": {{subscriptions}} }
            }
            """);
        try
        {
            return LocalPlatform.Open(new LocalPlatformOptions { TopologyPath = path, EventGridTimeScale = timeScale, DataDirectory = directory });
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

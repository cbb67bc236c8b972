using Azure.Messaging.ServiceBus;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Pipeline.Local;
using Pipeline.Local.Testing;
using Pipeline.TestFunctions;

namespace Pipeline.Tests.Hosting;

/// <summary>A host that runs selected functions of the tests, with one <see cref="Probe"/> to watch them.</summary>
internal sealed class TestHost : IAsyncDisposable
{
    private TestHost(InProcessApp app, Probe probe, HostLog log)
    {
        App = app;
        Probe = probe;
        Log = log;
    }

    public InProcessApp App { get; }

    public Probe Probe { get; }

    public HostLog Log { get; }

    public HttpClient Http => field ??= new HttpClient { BaseAddress = App.Address };

    public static async Task<TestHost> StartAsync(
        LocalPlatform platform, string functions, Action<FunctionsApplicationBuilder>? configure = null, Probe? probe = null, params string[] settings)
    {
        var host = Build(platform, functions, configure, probe, settings);
        try
        {
            await host.App.StartAsync();
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }

        return host;
    }

    public static TestHost Build(
        LocalPlatform? platform, string functions, Action<FunctionsApplicationBuilder>? configure = null, Probe? probe = null, params string[] settings)
    {
        string[] all =
        [
            "--Local:HttpPort", "0", "--Local:CosmosPort", "0", "--Local:ServiceBusPort", "0", "--Local:EventGridPort", "0", "--Local:DataDirectory", "memory",
            "--Local:Azurite", "off", "--Local:HostJson", Path.Combine(AppContext.BaseDirectory, "host.json"), "--Local:Functions", functions, .. settings,
        ];
        probe ??= new Probe();
        var log = new HostLog(sink: null, LogLevel.Trace);
        var app = new InProcessApp(new InProcessAppOptions
        {
            Assembly = typeof(BusFunctions).Assembly,
            Settings = configuration => configuration.AddCommandLine(all),
            Logging = logging => logging.ClearProviders().AddProvider(log),
            Configure = builder =>
            {
                builder.Services.AddSingleton(probe);
                configure?.Invoke(builder);
            },
            Platform = platform,
        });
        return new TestHost(app, probe, log);
    }

    public async ValueTask DisposeAsync()
    {
        await App.StopAsync();
        await App.DisposeAsync();
    }
}

/// <summary>Platforms and settings for these tests.</summary>
internal static class TestPlatform
{
    public static LocalPlatform Open(TimeProvider? time = null, string? directory = null) => LocalPlatform.Open(new LocalPlatformOptions
    {
        DataDirectory = directory,
        TopologyPath = _topology.Value,
        TimeProvider = time ?? TimeProvider.System,
    });

    /// <summary>An environment-style setting over host.json's Service Bus part.</summary>
    public static string[] ServiceBus(string name, string value) => [$"--AzureFunctionsJobHost:extensions:serviceBus:{name}", value];

    private static readonly Lazy<string> _topology = new(() => Write("worker-topology.json", Json));
    private static readonly Lazy<string> _emptyHostJson = new(() => Write("worker-empty-host.json", """{ "version": "2.0" }"""));

    /// <summary>A host.json that leaves everything at Azure's defaults.</summary>
    public static string EmptyHostJson => _emptyHostJson.Value;

    private static string Write(string name, string text)
    {
        var path = Path.Combine(AppContext.BaseDirectory, name);
        File.WriteAllText(path, text);
        return path;
    }

    public static Task SendAsync(this LocalPlatform platform, string entity, string? session, params string[] bodies) =>
        platform.SendAsync(entity, bodies.Select(body => new ServiceBusMessage(body) { SessionId = session }));

    public static async Task SendAsync(this LocalPlatform platform, string entity, IEnumerable<ServiceBusMessage> messages)
    {
        await using var client = new ServiceBusClient(platform.ServiceBusConnectionString);
        await client.CreateSender(entity).SendMessagesAsync(messages);
    }

    private const string Json = """
        {
          "cosmos": { "database": "db", "leases": "leases", "containers": [ { "name": "items" }, { "name": "others" } ] },
          "serviceBus": {
            "lockDuration": "PT1M",
            "maxDeliveryCount": 10,
            "topics": [
              { "name": "topic", "subscriptions": [ { "name": "sub", "types": ["t"] } ] },
              { "name": "shared", "subscriptions": [ { "name": "one", "types": ["t"] }, { "name": "two", "types": ["t"] }, { "name": "three", "types": ["t"] } ] }
            ],
            "queues": [ { "name": "sessions" }, { "name": "plain", "requiresSession": false } ]
          }
        }
        """;
}

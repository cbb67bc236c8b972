using System.Text.Json;
using Azure.Messaging.ServiceBus;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Pipeline.Local;
using Pipeline.Local.Testing;

namespace Pipeline.Tests.Worker;

/// <summary>A host that runs selected functions of this assembly, with one <see cref="Probe"/> to watch them.</summary>
internal sealed class TestHost : IAsyncDisposable
{
    private TestHost(IHost host, Probe probe, HostLog log)
    {
        Host = host;
        Probe = probe;
        Log = log;
    }

    public IHost Host { get; }

    public Probe Probe { get; }

    public HostLog Log { get; }

    public HttpClient Http => field ??= new HttpClient { BaseAddress = Host.HttpAddress() };

    public static async Task<TestHost> StartAsync(
        LocalPlatform platform, string functions, Action<FunctionsApplicationBuilder>? configure = null, Probe? probe = null, params string[] settings)
    {
        var host = Build(platform, functions, configure, probe, settings);
        try
        {
            await host.Host.StartAsync();
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
        var builder = FunctionsApplication.CreateBuilder([
            "--Local:HttpPort", "0", "--Local:CosmosPort", "0", "--Local:ServiceBusPort", "0", "--Local:EventGridPort", "0", "--Local:DataDirectory", "memory", "--Local:Azurite", "off",
            "--Local:FunctionsAssembly", typeof(TestHost).Assembly.GetName().Name!, "--Local:Functions", functions, .. settings]);
        builder.ConfigureFunctionsWebApplication();
        if (platform is not null)
            builder.UseLocalPlatform(platform);
        probe ??= new Probe();
        var log = new HostLog(sink: null, LogLevel.Trace);
        builder.Services.AddSingleton(probe);
        builder.Logging.ClearProviders().AddProvider(log);
        configure?.Invoke(builder);
        return new TestHost(builder.Build(), probe, log);
    }

    public async ValueTask DisposeAsync()
    {
        await Host.StopAsync();
        Host.Dispose();
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

/// <summary>Where the functions of a test write down what happened, and look up what to do.</summary>
internal sealed class Probe
{
    private readonly List<string> _seen = [];
    private readonly Lock _lock = new();
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Asked by a function after it wrote a line down.</summary>
    public Func<string, Task> OnSeen { get; set; } = _ => Task.CompletedTask;

    public IReadOnlyList<string> Seen
    {
        get
        {
            lock (_lock)
                return [.. _seen];
        }
    }

    public Task SeeAsync(string line)
    {
        TaskCompletionSource changed;
        lock (_lock)
        {
            _seen.Add(line);
            changed = _changed;
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        changed.SetResult();
        return OnSeen(line);
    }

    /// <summary>Waits until this many lines are written down, or until they satisfy a condition.</summary>
    public Task<IReadOnlyList<string>> WaitAsync(int count) => WaitAsync(seen => seen.Count >= count);

    public async Task<IReadOnlyList<string>> WaitAsync(Func<IReadOnlyList<string>, bool> condition)
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            Task changed;
            IReadOnlyList<string> seen;
            lock (_lock)
            {
                changed = _changed.Task;
                seen = [.. _seen];
            }

            if (condition(seen))
                return seen;
            try
            {
                await changed.WaitAsync(timeout.Token);
            }
            catch (OperationCanceledException error)
            {
                throw new TimeoutException($"Still waiting; seen: {JsonSerializer.Serialize(seen)}", error);
            }
        }
    }
}

using Azure.Messaging.ServiceBus;
using Microsoft.Azure.Cosmos;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Pipeline.Functions;
using Pipeline.Local;

namespace Pipeline.Tests;

/// <summary>The functions app in this process, on a platform in memory: one host, or several that share it.</summary>
internal sealed class RunningPipeline : IAsyncDisposable
{
    private readonly List<IHost> _hosts = [];
    private readonly Action<IServiceCollection>? _configure;

    private readonly string[] _settings;

    private RunningPipeline(Action<IServiceCollection>? configure, string[] settings) => (_configure, _settings) = (configure, settings);

    public LocalPlatform Platform { get; } = LocalPlatform.Open(new LocalPlatformOptions { Blobs = SharedAzurite.Service });

    public HttpClient Http { get; private set; } = null!;

    public IServiceProvider Services => _hosts[0].Services;

    public Container Container(string name) => Services.GetRequiredService<CosmosClient>().GetContainer(Names.Database, name);

    public ServiceBusClient ServiceBus => Services.GetRequiredService<ServiceBusClient>();

    /// <param name="configure">Changes to the app's services.</param>
    /// <param name="functions">The only functions that the first host runs, separated by commas; all if <see langword="null"/>.</param>
    /// <param name="settings">Further settings of all hosts, as on the command line.</param>
    public static async Task<RunningPipeline> StartAsync(
        Action<IServiceCollection>? configure = null, string? functions = null, params string[] settings)
    {
        var pipeline = new RunningPipeline(configure, settings);
        var host = await pipeline.AddHostAsync(functions);
        pipeline.Http = new HttpClient { BaseAddress = host.HttpAddress(), Timeout = TimeSpan.FromSeconds(60) };
        return pipeline;
    }

    /// <summary>Starts another instance of the app on the same platform.</summary>
    /// <param name="functions">The only functions that it runs, separated by commas; all if <see langword="null"/>.</param>
    public async Task<IHost> AddHostAsync(string? functions = null)
    {
        string[] settings = ["--Local:HttpPort=0", "--Local:FunctionsAssembly=Pipeline.Functions", $"--Local:Functions={functions}", .. _settings];
        if (Http?.BaseAddress is { } first && functions is not null)
            settings = [.. settings, $"--Sales:baseAddress={first}"]; // A host without HTTP functions asks the one that has them, as all instances of an app share its name.
        var builder = FunctionsApplication.CreateBuilder(settings);
        builder.ConfigureFunctionsWebApplication();
        builder.UseLocalPlatform(Platform);
        builder.Services.AddPipeline(builder.Configuration);
        builder.Logging.SetMinimumLevel(LogLevel.None);
        _configure?.Invoke(builder.Services);
        var host = builder.Build();
        await host.StartAsync();
        _hosts.Add(host);
        return host;
    }

    /// <summary>Stops all hosts and starts a new one, as a deployment does.</summary>
    public async Task ReplaceHostAsync()
    {
        foreach (var old in _hosts.ToList())
            await StopAsync(old);
        Http.Dispose();
        Http = new HttpClient { BaseAddress = (await AddHostAsync()).HttpAddress(), Timeout = TimeSpan.FromSeconds(60) };
    }

    public async Task StopAsync(IHost host)
    {
        _hosts.Remove(host);
        await host.StopAsync();
        host.Dispose();
    }

    /// <summary>Places orders whose make-up follows from their number: some lack stock, some are declined, some cannot be delivered.</summary>
    public async Task<List<string>> PlaceOrdersAsync(int count, string prefix = "k")
    {
        foreach (var (sku, onHand) in InitialStock)
            await Http.SetStockAsync(sku, onHand);
        var orders = new string[count];
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (i, _) =>
            orders[i] = await Http.PlaceAsync(
                $"{prefix}-{i}", i % 20 == 0 ? "customer-declined" : i % 20 == 10 ? "customer-unreachable" : $"c-{i}", (i % 15 == 0 ? "scarce" : "a", 1 + (i % 3)), (i % 2 == 0 ? "b" : "c", 1)));
        return [.. orders];
    }

    public static Dictionary<string, int> InitialStock { get; } = new(StringComparer.Ordinal)
    {
        ["a"] = 100_000,
        ["b"] = 100_000,
        ["c"] = 100_000,
        ["scarce"] = 5,
    };

    /// <summary>Waits until every order is final and nothing is under way, then checks all invariants.</summary>
    public async Task<(int Completed, int Cancelled)> SettleAndCheckAsync(IReadOnlyCollection<string> orders)
    {
        await Http.WaitUntilFinalAsync(orders);
        await WaitUntilQuietAsync();
        var result = await Invariants.CheckAsync(Container, InitialStock);
        Assert.Equal(orders.Count, result.Completed + result.Cancelled);
        return result;
    }

    /// <summary>Nothing unpublished and nothing in any queue, twice in a row.</summary>
    public async Task WaitUntilQuietAsync()
    {
        var quiet = 0;
        await Api.UntilAsync(
            async () =>
            {
                var counts = Platform.Broker.Counts().Values;
                var isQuiet = counts.All(c => c.Active + c.Locked + c.DeadLettered == 0) && Platform.EventGrid.PendingCount == 0;
                foreach (var container in Invariants.Containers)
                    isQuiet &= (await Invariants.AllAsync(Container(container), "outbox")).Count == 0;
                quiet = isQuiet ? quiet + 1 : 0;
                return quiet >= 3;
            },
            "quiet");
    }

    /// <summary>Names of all functions.</summary>
    public static IReadOnlyList<string> FunctionNames { get; } =
    [
        .. typeof(Relays).Assembly.GetTypes().SelectMany(t => t.GetMethods())
            .Select(m => m.GetCustomAttributes(typeof(FunctionAttribute), false).OfType<FunctionAttribute>().SingleOrDefault()?.Name)
            .OfType<string>(),
    ];

    public async ValueTask DisposeAsync()
    {
        Http?.Dispose();
        foreach (var host in _hosts.ToList())
            await StopAsync(host);
        await Platform.DisposeAsync();
    }
}

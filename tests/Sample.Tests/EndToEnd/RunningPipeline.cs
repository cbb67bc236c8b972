using Azure.Messaging.ServiceBus;
using Microsoft.Azure.Cosmos;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Pipeline.AzureFunctions;
using Pipeline.Functions;
using Pipeline.Local;
using Pipeline.Local.Testing;

namespace Pipeline.Tests;

/// <summary>The functions app in this process, on a platform in memory: one host, or several that share it.</summary>
internal sealed class RunningPipeline : IAsyncDisposable
{
    private const string KeysOn = "--Local:Keys=on";

    private HttpClient? _given;
    private HttpClient? _http;

    private RunningPipeline(PipelineHost host) => Host = host;

    public PipelineHost Host { get; }

    public LocalPlatform Platform => Host.Platform;

    /// <summary>A client of the oldest host, which asks again where callers do.</summary>
    public HttpClient Http
    {
        get
        {
            if (_http is not null && _given == Host.Http)
                return _http;
            _given = Host.Http;
            _http = new HttpClient(new PatientHandler()) { BaseAddress = _given.BaseAddress, Timeout = _given.Timeout };
            foreach (var (name, values) in _given.DefaultRequestHeaders)
                _http.DefaultRequestHeaders.Add(name, values);
            return _http;
        }
    }

    public IServiceProvider Services => Host.Services;

    public Container Container(string name) => Services.GetRequiredService<CosmosClient>().GetContainer(Names.Database, name);

    public ServiceBusClient ServiceBus => Services.GetRequiredService<ServiceBusClient>();

    /// <param name="configure">Changes to the app's services.</param>
    /// <param name="functions">The only functions that the first host runs, separated by commas; all if <see langword="null"/>.</param>
    /// <param name="settings">Further settings of all hosts, as on the command line: <c>--Name=value</c>.</param>
    public static async Task<RunningPipeline> StartAsync(
        Action<IServiceCollection>? configure = null, string? functions = null, params string[] settings) =>
        await StartOnAsync(TimeProvider.System, configure, functions, settings);

    /// <param name="time">The clock of everything.</param>
    /// <param name="configure">Changes to the app's services.</param>
    /// <param name="functions">The only functions that the first host runs, separated by commas; all if <see langword="null"/>.</param>
    /// <param name="settings">Further settings of all hosts, as on the command line: <c>--Name=value</c>.</param>
    public static async Task<RunningPipeline> StartOnAsync(
        TimeProvider time, Action<IServiceCollection>? configure = null, string? functions = null, params string[] settings) =>
        new(await PipelineHost.StartAsync(new PipelineHostOptions
        {
            FunctionsAssembly = typeof(Sample).Assembly,
            Functions = Split(functions),
            Configure = builder =>
            {
                builder.Services.AddPipeline(builder.Configuration, Sample.Definition, Sample.Configure);

                // WiringTests says what is missing; here all would say so.
                builder.Services.Remove(builder.Services.Single(s => s.ImplementationType == typeof(WiringCheck)));
                configure?.Invoke(builder.Services);
            },
            Settings = settings.Where(s => s != KeysOn).Select(s => s.TrimStart('-').Split('=', 2)).ToDictionary(s => s[0], s => s[1]),
            EnforceKeys = settings.Contains(KeysOn),
            TimeProvider = time,
            LogLevel = LogLevel.None,
            QuietTimeout = TimeSpan.FromSeconds(120),
            Blobs = SharedAzurite.Service,
        }));

    /// <summary>Starts another instance of the app on the same platform.</summary>
    /// <param name="functions">The only functions that it runs, separated by commas; all if <see langword="null"/>.</param>
    public Task<PipelineHostInstance> AddHostAsync(string? functions = null) => Host.AddHostAsync(Split(functions));

    /// <summary>Stops all hosts and starts a new one, as a deployment does.</summary>
    public async Task ReplaceHostAsync()
    {
        foreach (var old in Host.Hosts.ToList())
            await StopAsync(old);
        await AddHostAsync();
    }

    public Task StopAsync(PipelineHostInstance host) => Host.StopHostAsync(host);

    /// <summary>Places orders whose make-up follows from their number: some lack stock, some are declined, some cannot be delivered.</summary>
    public async Task<List<string>> PlaceOrdersAsync(int count, string prefix = "k")
    {
        foreach (var (sku, onHand) in InitialStock)
            await Http.SetStockAsync(sku, onHand);
        var orders = new string[count];
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (i, _) =>
            orders[i] = await Http.PlaceAsync(
                Invariant($"{prefix}-{i}"), i % 20 == 0 ? "customer-declined" : i % 20 == 10 ? "customer-unreachable" : Invariant($"c-{i}"), (i % 15 == 0 ? "scarce" : "a", 1 + (i % 3)), (i % 2 == 0 ? "b" : "c", 1)));
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

    /// <summary>Nothing unpublished, nothing in any queue, nothing under way.</summary>
    public async Task WaitUntilQuietAsync()
    {
        await Api.UntilAsync(
            async () =>
            {
                await Host.WaitUntilQuietAsync();
                var counts = Platform.Broker.Counts().Values;
                var isQuiet = counts.All(c => c.Active + c.Locked + c.DeadLettered == 0) && Platform.EventGrid.PendingCount == 0;
                foreach (var container in Invariants.Containers)
                    isQuiet &= (await Invariants.AllAsync(Container(container), "outbox")).Count == 0;
                return isQuiet;
            },
            "quiet");
    }

    /// <summary>Names of all functions.</summary>
    public static IReadOnlyList<string> FunctionNames { get; } =
    [
        .. Deployment.AppFunctions.Methods
            .Select(m => m.GetCustomAttributes(typeof(FunctionAttribute), false).OfType<FunctionAttribute>().SingleOrDefault()?.Name)
            .OfType<string>(),
    ];

    public ValueTask DisposeAsync()
    {
        _http?.Dispose();
        return Host.DisposeAsync();
    }

    private static string[] Split(string? functions) => (functions ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries);
}

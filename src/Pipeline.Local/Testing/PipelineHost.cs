using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Pipeline.Local.Hosting;

namespace Pipeline.Local.Testing;

/// <summary>
/// Runs a functions app in this process, on an embedded platform of its own: for tests. Several may run side by side. See
/// the page "Testing" of the documentation.
/// </summary>
public sealed partial class PipelineHost : IAsyncDisposable
{
    private readonly PipelineHostOptions _options;
    private readonly PlatformActivity _activity;
    private readonly HostLog _log;
    private readonly List<PipelineHostInstance> _hosts = [];
    private HttpClient? _http;
    private int _started;
    private bool _disposed;

    private PipelineHost(PipelineHostOptions options, PlatformActivity activity, HostLog log, LocalPlatform platform)
    {
        _options = options;
        _activity = activity;
        _log = log;
        Platform = platform;
        ServiceBus = new TestServiceBus(platform);
        EventGrid = new TestEventGrid(platform, keepsDeadLetters: options.Blobs is null);
        Cosmos = new TestCosmos(platform);
        activity.OnInvoking = OnInvokingAsync;
    }

    /// <summary>The platform that all hosts share.</summary>
    public LocalPlatform Platform { get; }

    /// <summary>The Service Bus namespace: send, look, count, make it fail.</summary>
    public TestServiceBus ServiceBus { get; }

    /// <summary>The Event Grid topic: publish, look, make it fail.</summary>
    public TestEventGrid EventGrid { get; }

    /// <summary>The Cosmos DB account: the real SDK's client, and faults.</summary>
    public TestCosmos Cosmos { get; }

    /// <summary>The hosts that run, oldest first.</summary>
    public IReadOnlyList<PipelineHostInstance> Hosts => _hosts;

    /// <summary>The oldest host.</summary>
    /// <exception cref="InvalidOperationException">None runs.</exception>
    public PipelineHostInstance Host => _hosts.Count > 0
        ? _hosts[0]
        : throw new InvalidOperationException("No host runs any more: start one by AddHostAsync.");

    /// <summary>Services of the oldest host's app.</summary>
    public IServiceProvider Services => Host.Services;

    /// <summary>Calls HTTP functions of the oldest host: its address, and its key if keys are enforced.</summary>
    public HttpClient Http => _http ??= CreateClient(Host);

    /// <summary>Now, by the clock of platform and app.</summary>
    public DateTimeOffset Now => Platform.TimeProvider.GetUtcNow();

    /// <summary>All log lines so far, of all hosts; the oldest are forgotten beyond 100,000.</summary>
    public IReadOnlyList<string> LogLines => _log.Lines;

    /// <summary>Opens a platform and starts one host on it.</summary>
    /// <exception cref="StartupException">Options, settings or functions are wrong; the message says what to change.</exception>
    public static async Task<PipelineHost> StartAsync(PipelineHostOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        Check(options);
        var activity = new PlatformActivity(options.TimeProvider);
        var log = new HostLog(options.Log, options.LogLevel);
        using var loggers = LoggerFactory.Create(logging => logging.AddProvider(log).SetMinimumLevel(options.LogLevel));
        var host = new PipelineHost(options, activity, log, LocalPlatform.Open(new LocalPlatformOptions
        {
            DataDirectory = options.DataDirectory,
            TopologyPath = options.TopologyPath,
            TimeProvider = options.TimeProvider,
            LoggerFactory = loggers,
            CosmosPartitions = options.CosmosPartitions,
            CosmosFaults = options.CosmosFaults,
            ServiceBusFaults = options.ServiceBusFaults,
            Settings = name => options.Settings.GetValueOrDefault(name) ?? options.Settings.GetValueOrDefault(name.Replace("__", ":", StringComparison.Ordinal)),
            Activity = activity,
            Blobs = options.Blobs,
        }));
        try
        {
            await host.AddHostAsync([.. options.Functions]);
            return host;
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts another instance of the app on the same platform.</summary>
    /// <param name="functions">The functions that it runs; none: all of the assembly.</param>
    /// <exception cref="StartupException">Settings or functions are wrong; the message says what to change.</exception>
    public async Task<PipelineHostInstance> AddHostAsync(params string[] functions)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ArgumentNullException.ThrowIfNull(functions);
        var serviceBus = string.Create(CultureInfo.InvariantCulture, $"instance{++_started}");
        var app = new InProcessApp(OptionsOf(serviceBus, functions));
        try
        {
            await app.StartAsync();
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }

        var name = app.OfHost<ListenerServices>().HostName;
        app.OfHost<FunctionRunner>().HostName = name;
        var host = new PipelineHostInstance(app, name, serviceBus, functions);
        _hosts.Add(host);
        await WaitForFeedsFromNowAsync();
        return host;
    }

    /// <summary>An HTTP client for one host, with its key if keys are enforced. The caller disposes of it.</summary>
    public HttpClient CreateClient(PipelineHostInstance host)
    {
        ArgumentNullException.ThrowIfNull(host);
        var client = new HttpClient { BaseAddress = host.Address, Timeout = TimeSpan.FromSeconds(100) };
        if (_options.EnforceKeys)
            client.DefaultRequestHeaders.Add("x-functions-key", host.App.OfHost<LocalSettings>().HostKey ?? Platform.Keys.Host);
        return client;
    }

    /// <summary>Ends one host in order, as a deployment does: what runs may end, sessions and leases are given back.</summary>
    public async Task StopHostAsync(PipelineHostInstance host)
    {
        Forget(host);
        await host.App.StopAsync();
        await host.App.DisposeAsync();
        Platform.ReuseHostName(host.Name);
    }

    /// <summary>Ends one host and starts another of the same functions.</summary>
    public async Task<PipelineHostInstance> ReplaceHostAsync(PipelineHostInstance host)
    {
        await StopHostAsync(host);
        return await AddHostAsync([.. host.Functions]);
    }

    /// <summary>
    /// Ends one host as by <c>kill -9</c>, as far as that can be done within a process: it is cut off from Cosmos DB, Service
    /// Bus, Event Grid and the network at once, its tokens are set, and nothing is given back. Its message and session locks run out
    /// by the platform's clock. Its change feed leases count as expired: another host takes them at once.
    /// </summary>
    public async Task CrashHostAsync(PipelineHostInstance host)
    {
        Forget(host);
        var functions = host.FunctionList.All;
        host.App.OfHost<HostWatch>().Crash();
        host.App.OfHost<InProcessHttp>().Cut();
        Platform.ServiceBus.CutOff(host.ServiceBusKeyName);
        host.App.OfHost<Shutdown>().Abort();
        await host.App.CrashAsync();
        await host.App.DisposeAsync();
        await Cosmos.ExpireLeasesAsync(host.Name, functions);
        Platform.ReuseHostName(host.Name);
    }

    /// <summary>Ends all hosts and the platform.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_disposed)
            return;
        _disposed = true;
        foreach (var host in _hosts.ToList())
            await StopHostAsync(host);
        _http?.Dispose();
        await ServiceBus.DisposeAsync();
        Cosmos.Dispose();
        await Platform.DisposeAsync();
    }

    private static void Check(PipelineHostOptions options)
    {
        if (!File.Exists(options.TopologyPath))
            throw new StartupException($"{options.TopologyPath} does not exist: copy topology.json beside the tests (see the page 'Testing' of the documentation), or set PipelineHostOptions.TopologyPath.");
        if (!File.Exists(options.HostJsonPath))
            throw new StartupException($"{options.HostJsonPath} does not exist: copy host.json beside the tests (see the page 'Testing' of the documentation), or set PipelineHostOptions.HostJsonPath.");
        if (options.QuietTimeout <= TimeSpan.Zero)
            throw new StartupException("PipelineHostOptions.QuietTimeout is not longer than zero.");
        foreach (var name in options.Settings.Keys.Where(n => n.StartsWith("Local:", StringComparison.OrdinalIgnoreCase) || n.StartsWith("Local__", StringComparison.OrdinalIgnoreCase)))
        {
            if (!LocalSettings.MayBeSetOfTestHost(name.Replace("__", ":", StringComparison.Ordinal)))
                throw new StartupException($"The setting {name} is decided by PipelineHost: use the property of PipelineHostOptions instead.");
        }
    }

    private InProcessAppOptions OptionsOf(string serviceBus, string[] functions) => new()
    {
        Assembly = _options.FunctionsAssembly,
        Settings = configuration => configuration.AddInMemoryCollection(SettingsOf(serviceBus, functions)),
        Logging = logging => logging.ClearProviders().AddProvider(_log).SetMinimumLevel(_options.LogLevel),
        Configure = _options.Configure,
        Platform = Platform,
    };

    private Dictionary<string, string?> SettingsOf(string serviceBus, string[] functions)
    {
        var settings = _options.Settings.ToDictionary(
            s => s.Key.Replace("__", ":", StringComparison.Ordinal), string? (s) => s.Value, StringComparer.OrdinalIgnoreCase);
        settings[LocalSettings.HttpPortName] = "0";
        settings[LocalSettings.CosmosPortName] = "0";
        settings[LocalSettings.EventGridPortName] = "0";
        settings[LocalSettings.DataDirectoryName] = "memory";
        settings[LocalSettings.HostJsonName] = _options.HostJsonPath;
        settings[LocalSettings.FunctionsName] = string.Join(',', functions);
        settings[LocalSettings.KeysName] = _options.EnforceKeys ? "on" : "off";
        foreach (var name in _options.ServiceBusConnections)
            settings[name] = Platform.ServiceBus.ConnectionStringOf(serviceBus);
        foreach (var name in _options.CosmosConnections)
            settings[name] = Platform.CosmosConnectionString;
        // All instances of an app have one name, which the one with the HTTP functions answers to.
        if (functions.Length > 0 && _hosts.Count > 0)
            settings.TryAdd("WEBSITE_HOSTNAME", string.Create(CultureInfo.InvariantCulture, $"localhost:{Host.Address.Port}"));
        return settings;
    }

    private void Forget(PipelineHostInstance host)
    {
        ArgumentNullException.ThrowIfNull(host);
        if (!_hosts.Remove(host))
            throw new InvalidOperationException($"{host.Name} does not run here, or has ended already.");
        if (_http?.BaseAddress == host.Address)
        {
            _http.Dispose();
            _http = null;
        }
    }
}

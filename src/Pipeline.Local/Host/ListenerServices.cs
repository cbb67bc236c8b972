using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.Logging;
using Pipeline.Local.ServiceBus;
using Pipeline.Local.Testing;

namespace Pipeline.Local.Hosting;

/// <summary>What the listeners of one host share.</summary>
internal sealed class ListenerServices(
    FunctionRunner runner, Shutdown shutdown, LocalPlatform platform, InProcessHttp http, ILoggerFactory logs, HostWatch watch) : IDisposable
{
    private readonly Dictionary<string, CosmosClient> _clients = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();

    public FunctionRunner Runner => runner;

    public Shutdown Shutdown => shutdown;

    public TimeProvider Time => platform.TimeProvider;

    /// <summary>Told what the listeners do.</summary>
    public HostWatch Watch => watch;

    /// <summary>The Service Bus namespace.</summary>
    /// <exception cref="BrokerException">The host has ended as by <c>kill -9</c>: nothing of it reaches the namespace any more.</exception>
    public Broker Broker() => watch.IsCrashed
        ? throw new BrokerException("The host has crashed.", BrokerFailure.ServiceCommunicationProblem)
        : platform.Broker;

    /// <summary>When timers last ran, and who runs them.</summary>
    public TimerMonitor Timers => platform.Timers;

    /// <summary>The sessions whose messages are being handled: one dictionary for all functions of the host.</summary>
    public SessionActionsCache Sessions { get; } = new();

    /// <summary>Owner of the change feed leases that this host takes.</summary>
    public string HostName { get; } = platform.NextHostName();

    public ILogger Log(HostedFunction function) => logs.CreateLogger($"Function.{function.Name}");

    /// <summary>The triggers' own client of an account, as the Azure host has its own besides the app's.</summary>
    public CosmosClient Cosmos(string connectionString)
    {
        lock (_lock)
        {
            if (!_clients.TryGetValue(connectionString, out var client))
            {
                client = new CosmosClient(connectionString, new CosmosClientOptions
                {
                    ApplicationName = "functions-host",
                    ConnectionMode = ConnectionMode.Gateway,
                    LimitToEndpoint = true,
                    HttpClientFactory = () => new HttpClient(CosmosHandler()),
                });
                _clients.Add(connectionString, client);
            }

            return client;
        }
    }

    private HttpMessageHandler CosmosHandler() =>
        watch.Activity is null ? http.CreateHandler() : new FeedHandler(http.CreateHandler(), platform.Cosmos);

    public void Dispose()
    {
        foreach (var client in _clients.Values)
            client.Dispose();
    }
}

using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.Logging;

namespace Pipeline.Local.Worker;

/// <summary>What the listeners of one host share.</summary>
internal sealed class ListenerServices(
    FunctionRunner runner, Shutdown shutdown, LocalPlatform platform, InProcessHttp http, ILoggerFactory logs) : IDisposable
{
    private readonly Dictionary<string, CosmosClient> _clients = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();

    public FunctionRunner Runner => runner;

    public Shutdown Shutdown => shutdown;

    public TimeProvider Time => platform.TimeProvider;

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
                    HttpClientFactory = () => new HttpClient(http.CreateHandler()),
                });
                _clients.Add(connectionString, client);
            }

            return client;
        }
    }

    public void Dispose()
    {
        foreach (var client in _clients.Values)
            client.Dispose();
    }
}

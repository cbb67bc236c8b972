using System.Net;
using Microsoft.Azure.Cosmos;
using Newtonsoft.Json.Linq;
using Pipeline.Local.Cosmos;
using Pipeline.Local.Hosting;

namespace Pipeline.Local.Testing;

/// <summary>The Cosmos DB account of a <see cref="PipelineHost"/>.</summary>
public sealed class TestCosmos : IDisposable
{
    private readonly LocalPlatform _platform;
    private readonly Lazy<CosmosClient> _client;
    private readonly Func<CosmosRequest, ValueTask<CosmosFault>>? _before;
    private readonly Lock _gate = new();
    private Func<CosmosRequest, ValueTask<CosmosFault>>? _random;
    private HttpStatusCode _status;
    private string? _container;
    private int _left;

    internal TestCosmos(LocalPlatform platform)
    {
        _platform = platform;
        _before = platform.Cosmos.OnRequest;
        _client = new Lazy<CosmosClient>(() => new CosmosClient(platform.CosmosConnectionString, new CosmosClientOptions
        {
            ApplicationName = "test",
            ConnectionMode = ConnectionMode.Gateway,
            LimitToEndpoint = true,
            HttpClientFactory = () => new HttpClient(platform.CreateCosmosHandler()),
        }));
    }

    /// <summary>The real SDK's client. Faults happen to it as to the app.</summary>
    public CosmosClient Client => _client.Value;

    /// <summary>A container.</summary>
    /// <param name="database">Name of the database, as in topology.json.</param>
    /// <param name="name">Name of the container.</param>
    public Container Container(string database, string name) => Client.GetContainer(database, name);

    /// <summary>Answers the next writes with an error, nothing done. The SDK tries again by itself where the status invites to.</summary>
    /// <param name="status">The answer, 503 say.</param>
    /// <param name="times">How many; 0: none any more.</param>
    /// <param name="container">Only writes of this container. Default: of any but those that hold leases.</param>
    public void FailWrites(HttpStatusCode status, int times = 1, string? container = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan((int)status, 400, nameof(status));
        ArgumentOutOfRangeException.ThrowIfNegative(times);
        lock (_gate)
            (_status, _left, _container) = (status, times, container);
        Hook();
    }

    /// <summary>Lets a fraction of all requests fail from now on, in place of what <see cref="PipelineHostOptions.CosmosFaults"/> says.</summary>
    /// <param name="faults">As there; <see langword="null"/>: none.</param>
    /// <param name="seed">The same requests in the same order fail with the same seed.</param>
    /// <exception cref="FormatException">The text is not understood.</exception>
    public void SetFaults(string? faults, int seed = 1)
    {
        _random = faults is null ? _ => ValueTask.FromResult(CosmosFault.None) : CosmosFaults.Parse(faults, new Random(seed), _platform.TimeProvider).OnRequestAsync;
        Hook();
    }

    /// <summary>Disposes of the client.</summary>
    public void Dispose()
    {
        if (_client.IsValueCreated)
            _client.Value.Dispose();
    }

    /// <summary>The change feed leases of a host that has crashed, as they are when their time is up.</summary>
    internal async Task ExpireLeasesAsync(string owner, IReadOnlyList<HostedFunction> functions)
    {
        var containers = functions.Select(f => f.Trigger).OfType<CosmosFunctionTrigger>().Select(t => (t.LeaseDatabase, t.LeaseContainer)).Distinct();
        foreach (var (database, name) in containers)
        {
            var leases = Container(database, name);
            var query = new QueryDefinition("SELECT * FROM c WHERE c.Owner = @owner").WithParameter("@owner", owner);
            using var pages = leases.GetItemQueryIterator<JObject>(query);
            while (pages.HasMoreResults)
            {
                foreach (var lease in await pages.ReadNextAsync())
                {
                    var id = (string)lease["id"]!;
                    lease["Owner"] = null;
                    await leases.UpsertItemAsync(lease, new PartitionKey(id));
                }
            }
        }
    }

    private void Hook() => _platform.Cosmos.OnRequest = request =>
    {
        var isWrite = request.Resource == CosmosResource.Batch || (request.Resource == CosmosResource.Item && request.Method != "GET");
        return isWrite && Takes(request.Address.Container)
            ? ValueTask.FromResult(CosmosFault.Reply((int)_status))
            : (_random ?? _before)?.Invoke(request) ?? ValueTask.FromResult(CosmosFault.None);
    };

    private bool Takes(string container)
    {
        lock (_gate)
        {
            if (_left == 0 || (_container is null ? container.Contains("lease", StringComparison.OrdinalIgnoreCase) : !container.Equals(_container, StringComparison.Ordinal)))
                return false;
            _left--;
            return true;
        }
    }
}

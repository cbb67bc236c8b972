using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.Logging.Abstractions;
using Newtonsoft.Json.Linq;
using Pipeline.Local.Cosmos;

namespace Pipeline.Tests.Conformance;

/// <summary>
/// An account that the conformance tests run against: the embedded endpoint, or the one whose connection string is in the
/// environment variable <see cref="Setting"/>, an account in Azure or the official emulator. The database is the test's own.
/// </summary>
internal sealed class CosmosAccount : IAsyncDisposable
{
    public const string Setting = "CONFORMANCE_COSMOS";
    private const string Embedded = "embedded";

    /// <summary>So many physical partitions that no test gets away with one.</summary>
    private const int Partitions = 3;

    private readonly CosmosEndpoint? _endpoint;
    private int _containers;

    private CosmosAccount(CosmosEndpoint? endpoint, CosmosClient client, Database database)
    {
        (_endpoint, Client, Database) = (endpoint, client, database);
    }

    /// <summary>What a conformance test is run with.</summary>
    public static TheoryData<string> Targets { get; } = Environment.GetEnvironmentVariable(Setting) is { Length: > 0 }
        ? [Embedded, Setting]
        : [Embedded];

    public CosmosClient Client { get; }
    public Database Database { get; }

    public static async Task<CosmosAccount> OpenAsync(string target)
    {
        var options = new CosmosClientOptions { ConnectionMode = ConnectionMode.Gateway, LimitToEndpoint = true, AllowBulkExecution = false };
        CosmosEndpoint? endpoint = null;
        CosmosClient client;
        if (target == Embedded)
        {
            endpoint = CosmosEndpoint.Open(null, TimeProvider.System, NullLogger.Instance, Partitions);
            options.HttpClientFactory = () => new HttpClient(endpoint.CreateHandler());
            client = new CosmosClient("http://localhost:8081/", LocalCosmos.Key, options);
        }
        else
        {
            client = new CosmosClient(Environment.GetEnvironmentVariable(target), options);
        }

        return new(endpoint, client, await client.CreateDatabaseAsync($"conformance-{Guid.NewGuid():n}"));
    }

    /// <summary>With three physical partitions.</summary>
    public async Task<Container> ContainerAsync(ContainerProperties? properties = null)
    {
        properties ??= new ContainerProperties { PartitionKeyPath = "/pk" };
        properties.Id = Invariant($"c{++_containers}");
        return await Database.CreateContainerAsync(properties, throughput: 10_000 * Partitions);
    }

    public static async Task<List<JToken>> QueryAsync(Container container, string query, PartitionKey? pk = null, int? pageSize = null) =>
        await LocalCosmos.AllAsync(container.GetItemQueryIterator<JToken>(
            query, requestOptions: new QueryRequestOptions { PartitionKey = pk, MaxItemCount = pageSize }));

    public async ValueTask DisposeAsync()
    {
        await Database.DeleteAsync();
        Client.Dispose();
        _endpoint?.Dispose();
    }
}

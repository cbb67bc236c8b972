using System.Runtime.CompilerServices;
using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.Logging.Abstractions;
using Newtonsoft.Json.Linq;
using Pipeline.Local.Cosmos;

namespace Pipeline.Tests;

/// <summary>An endpoint with one container, and the real SDK in front of it, in-process.</summary>
internal sealed class LocalCosmos : IDisposable
{
    public const string Key = "C2y6yDjf5/R+ob0N8A7Cgv30VRDJIWEHLM+4QDU5DE2nQ9nDuVTqobD4b8mGGyPMbIZnqyMsEcaGQy67XIw/Jw==";

    public LocalCosmos(string? directory = null, TimeProvider? clock = null, long bodyCacheBytes = BodyCache.DefaultBytes)
    {
        Endpoint = CosmosEndpoint.Open(directory, clock ?? TimeProvider.System, NullLogger.Instance, bodyCacheBytes: bodyCacheBytes);
        Endpoint.EnsureContainer("db", "items");
        Endpoint.EnsureContainer("db", "leases", "/id", null);
        Client = NewClient();
        Items = Client.GetContainer("db", "items");
        Leases = Client.GetContainer("db", "leases");
    }

    public CosmosEndpoint Endpoint { get; }
    public CosmosClient Client { get; }
    public Container Items { get; }
    public Container Leases { get; }

    [ModuleInitializer]
    internal static void KeepTheSdkFromCallingTheCloud() => Environment.SetEnvironmentVariable("COSMOS_DISABLE_IMDS_ACCESS", "true");

    public CosmosClient NewClient() => new("http://localhost:8081/", Key, new CosmosClientOptions
    {
        ConnectionMode = ConnectionMode.Gateway,
        LimitToEndpoint = true,
        HttpClientFactory = () => new HttpClient(Endpoint.CreateHandler()),
    });

    public void Dispose()
    {
        Client.Dispose();
        Endpoint.Dispose();
    }

    public static JObject Doc(string pk, string id, string? kind = null, object? more = null)
    {
        var doc = more is null ? [] : JObject.FromObject(more);
        doc["id"] = id;
        doc["pk"] = pk;
        if (kind is not null)
            doc["kind"] = kind;
        return doc;
    }

    public Task CreateAsync(string pk, string id, string? kind = null, object? more = null) =>
        Items.CreateItemAsync(Doc(pk, id, kind, more), new PartitionKey(pk));

    /// <summary>Reads a query to its end, page by page.</summary>
    public static async Task<List<JToken>> AllAsync(FeedIterator<JToken> pages)
    {
        var all = new List<JToken>();
        using (pages)
        {
            while (pages.HasMoreResults)
                all.AddRange(await pages.ReadNextAsync());
        }

        return all;
    }

    public Task<List<JToken>> QueryAsync(string query, string? pk = null, int? pageSize = null, params (string Name, object? Value)[] parameters)
    {
        var definition = new QueryDefinition(query);
        foreach (var (name, value) in parameters)
            definition.WithParameter(name, value);
        return AllAsync(Items.GetItemQueryIterator<JToken>(definition, requestOptions: new QueryRequestOptions
        {
            PartitionKey = pk is null ? null : new PartitionKey(pk),
            MaxItemCount = pageSize,
        }));
    }

    public async Task<string> IdsAsync(string query, string? pk = null, int? pageSize = null, params (string Name, object? Value)[] parameters) =>
        string.Join(' ', (await QueryAsync(query, pk, pageSize, parameters)).Select(doc => (string)doc["id"]!));

    /// <summary>Waits for something that happens in the background.</summary>
    public static async Task UntilAsync(Func<bool> condition, string what)
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!condition())
        {
            Assert.False(timeout.IsCancellationRequested, $"Waited in vain: {what}");
            await Task.Delay(10);
        }
    }
}

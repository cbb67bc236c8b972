using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.Logging;
using Newtonsoft.Json.Linq;
using Pipeline.Local.Cosmos;
using static Pipeline.Tests.LocalCosmos;

namespace Pipeline.Tests;

/// <summary>The endpoint behind Kestrel, with the SDK's own HTTP client.</summary>
public sealed class HttpTests : IAsyncLifetime, IDisposable
{
    private static readonly PartitionKey P = new("p");
    private readonly LocalCosmos _cosmos = new();
    private WebApplication _app = null!;
    private CosmosClient _client = null!;

    private Container Items => _client.GetContainer("db", "items");

    public async Task InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        _app = builder.Build();
        _app.Run(_cosmos.Endpoint.HandleAsync);
        await _app.StartAsync();
        _client = new CosmosClient(_app.Urls.Single(), Key, new CosmosClientOptions { ConnectionMode = ConnectionMode.Gateway, LimitToEndpoint = true });
    }

    public async Task DisposeAsync() => await _app.DisposeAsync();

    public void Dispose()
    {
        _client.Dispose();
        _cosmos.Dispose();
    }

    [Fact]
    public async Task Items_batches_queries_and_feed_work()
    {
        foreach (var id in new[] { "a", "ä b", "a+b" })
        {
            await Items.CreateItemAsync(Doc("p", id, "state"), P);
            Assert.Equal(id, (string?)(await Items.ReadItemAsync<JObject>(id, P)).Resource["id"]);
        }

        using var batch = await Items.CreateTransactionalBatch(P).CreateItem(Doc("p", "b")).DeleteItem("a").ExecuteAsync();
        Assert.Equal([201, 204], batch.Select(result => (int)result.StatusCode));
        var found = await AllAsync(Items.GetItemQueryIterator<JToken>("SELECT VALUE c.id FROM c WHERE c.id < 'c' ORDER BY c.id DESC"));
        Assert.Equal(["b", "a+b"], found.Select(id => (string?)id));
        var feed = Items.GetChangeFeedIterator<JObject>(ChangeFeedStartFrom.Beginning(), ChangeFeedMode.Incremental);
        Assert.Equal(3, (await feed.ReadNextAsync()).Count);
        Assert.Equal(HttpStatusCode.NotModified, (await feed.ReadNextAsync()).StatusCode);
        var failure = await Assert.ThrowsAsync<CosmosException>(() => Items.ReadItemAsync<JObject>("a", P));
        Assert.Equal(HttpStatusCode.NotFound, failure.StatusCode);
    }

    [Fact]
    public async Task Lost_reply_is_a_broken_connection()
    {
        await Items.CreateItemAsync(Doc("p", "warm"), P);
        var fault = CosmosFault.LoseReplyAfterExecuting;
        _cosmos.Endpoint.OnRequest = request => new(request.Method == "POST" ? fault : CosmosFault.None);
        await Assert.ThrowsAsync<HttpRequestException>(() => Items.CreateItemAsync(Doc("p", "a"), P));
        fault = CosmosFault.None;
        Assert.Equal(HttpStatusCode.OK, (await Items.ReadItemAsync<JObject>("a", P)).StatusCode);
    }

    [Fact]
    public async Task Too_large_body_is_413()
    {
        var failure = await Assert.ThrowsAsync<CosmosException>(() =>
            Items.CreateItemAsync(Doc("p", "a", more: new { text = new string('x', 5_000_000) }), P));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, failure.StatusCode);
    }
}

using System.Net;
using Microsoft.Azure.Cosmos;
using Newtonsoft.Json.Linq;

namespace Pipeline.Tests;

/// <summary>Limits of Azure: partition keys of 2,048 bytes, answers to batches of 4 MB.</summary>
public sealed class LimitTests : IDisposable
{
    private const int MaxKeyBytes = 2048;
    private readonly LocalCosmos _cosmos = new();

    public void Dispose() => _cosmos.Dispose();

    [Theory]
    [InlineData("x", MaxKeyBytes, true)]
    [InlineData("x", MaxKeyBytes + 1, false)]
    [InlineData("é", MaxKeyBytes / 2, true)]
    [InlineData("é", MaxKeyBytes / 2 + 1, false)]
    [InlineData("€", MaxKeyBytes / 3, true)]
    [InlineData("€", MaxKeyBytes / 3 + 1, false)]
    [InlineData("\"", MaxKeyBytes, true)]
    [InlineData("\\", MaxKeyBytes + 1, false)]
    public async Task Partition_key_has_at_most_2048_bytes(string character, int count, bool fits)
    {
        var pk = string.Concat(Enumerable.Repeat(character, count));
        var key = new PartitionKey(pk);
        var item = LocalCosmos.Doc(pk, "1");
        var batch = _cosmos.Items.CreateTransactionalBatch(key).UpsertItem(item);
        var query = _cosmos.Items.GetItemQueryIterator<JToken>("SELECT * FROM c", requestOptions: new QueryRequestOptions { PartitionKey = key });
        if (fits)
        {
            await _cosmos.Items.CreateItemAsync(item, key);
            Assert.True((await batch.ExecuteAsync()).IsSuccessStatusCode);
            Assert.Single(await query.ReadNextAsync());
            Assert.Equal(pk, (string?)(await _cosmos.Items.ReadItemAsync<JObject>("1", key)).Resource["pk"]);
            return;
        }

        foreach (var operation in new Func<Task>[]
        {
            () => _cosmos.Items.CreateItemAsync(item, key),
            () => _cosmos.Items.UpsertItemAsync(item, key),
            () => _cosmos.Items.ReadItemAsync<JObject>("1", key),
            () => _cosmos.Items.DeleteItemAsync<JObject>("1", key),
            () => query.ReadNextAsync(),
        })
        {
            var failure = await Assert.ThrowsAsync<CosmosException>(operation);
            Assert.Equal(HttpStatusCode.BadRequest, failure.StatusCode);
            Assert.Contains("2048", failure.Message, StringComparison.Ordinal);
        }

        Assert.Equal(HttpStatusCode.BadRequest, (await batch.ExecuteAsync()).StatusCode);
    }

    [Theory]
    [InlineData(1024, 1024, true)]
    [InlineData(1024, 1025, false)]
    [InlineData(2049, 0, false)]
    [InlineData(0, 2049, false)]
    public async Task Hierarchical_partition_key_has_at_most_2048_bytes_together(int first, int second, bool fits)
    {
        var container = (await _cosmos.Client.GetDatabase("db").CreateContainerAsync(new ContainerProperties("visits", ["/tenant", "/user"]))).Container;
        var (tenant, user) = (new string('t', first), new string('u', second));
        var create = () => container.CreateItemAsync(new { id = "1", tenant, user }, new PartitionKeyBuilder().Add(tenant).Add(user).Build());
        if (fits)
            await create();
        else
            Assert.Equal(HttpStatusCode.BadRequest, (await Assert.ThrowsAsync<CosmosException>(create)).StatusCode);
    }

    [Fact]
    public async Task Bulk_refuses_a_long_partition_key_of_one_operation_only()
    {
        using var client = Bulk();
        var items = client.GetContainer("db", "items");
        var pk = new string('x', MaxKeyBytes + 1);
        var good = items.CreateItemAsync(LocalCosmos.Doc("p", "1"), new PartitionKey("p"));
        Assert.Equal(HttpStatusCode.BadRequest, (await Assert.ThrowsAsync<CosmosException>(() => items.CreateItemAsync(LocalCosmos.Doc(pk, "1"), new PartitionKey(pk)))).StatusCode);
        Assert.Equal(HttpStatusCode.Created, (await good).StatusCode);
    }

    [Fact]
    public async Task Batch_with_an_answer_of_more_than_4_MB_is_413_and_does_nothing()
    {
        await CreateLargeAsync(1);
        var key = new PartitionKey("p");
        var batch = _cosmos.Items.CreateTransactionalBatch(key).CreateItem(LocalCosmos.Doc("p", "new"));
        for (var i = 0; i < 9; i++)
            batch.ReadItem("0");
        using var response = await batch.ExecuteAsync();
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        Assert.Equal(10, response.Count);
        Assert.Equal(HttpStatusCode.FailedDependency, response[0].StatusCode);
        Assert.Equal(HttpStatusCode.FailedDependency, response[3].StatusCode);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response[9].StatusCode);
        Assert.Equal("0", await _cosmos.IdsAsync("SELECT * FROM c", "p"));

        using var fits = await _cosmos.Items.CreateTransactionalBatch(key).ReadItem("0").ReadItem("0").ReadItem("0").ExecuteAsync();
        Assert.Equal(HttpStatusCode.OK, fits.StatusCode);
    }

    [Fact]
    public async Task Bulk_reads_of_more_than_4_MB_are_all_answered()
    {
        await CreateLargeAsync(12);
        using var client = Bulk();
        var items = client.GetContainer("db", "items");
        var read = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => items.ReadItemAsync<JObject>(Invariant($"{i}"), new PartitionKey("p"))));
        Assert.Equal(Enumerable.Range(0, 12).Select(i => Invariant($"{i}")), read.Select(item => (string?)item.Resource["id"]));
    }

    private CosmosClient Bulk() => new("http://localhost:8081/", LocalCosmos.Key, new CosmosClientOptions
    {
        ConnectionMode = ConnectionMode.Gateway,
        LimitToEndpoint = true,
        AllowBulkExecution = true,
        HttpClientFactory = () => new HttpClient(_cosmos.Endpoint.CreateHandler()),
    });

    private async Task CreateLargeAsync(int count)
    {
        for (var i = 0; i < count; i++)
            await _cosmos.CreateAsync("p", Invariant($"{i}"), more: new { text = new string('x', 1024 * 1024) });
    }
}

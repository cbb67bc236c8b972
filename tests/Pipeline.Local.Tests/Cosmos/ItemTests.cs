using System.Net;
using Microsoft.Azure.Cosmos;
using Newtonsoft.Json.Linq;
using Pipeline.Local.Cosmos;
using static Pipeline.Tests.LocalCosmos;

namespace Pipeline.Tests;

public sealed class ItemTests : IDisposable
{
    private static readonly PartitionKey P = new("p");
    private readonly LocalCosmos _cosmos = new();

    private Container Items => _cosmos.Items;

    public void Dispose() => _cosmos.Dispose();

    [Fact]
    public async Task Create_read_replace_upsert_delete()
    {
        var created = await Items.CreateItemAsync(Doc("p", "a", "state", new { n = 1 }), P);
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        Assert.Equal(created.ETag, (string?)created.Resource["_etag"]);
        Assert.StartsWith("0:-1#", created.Headers.Session, StringComparison.Ordinal);

        var read = await Items.ReadItemAsync<JObject>("a", P);
        Assert.Equal(created.ETag, read.ETag);
        Assert.Equal(1, (int)read.Resource["n"]!);
        Assert.All(new[] { "_rid", "_self", "_ts", "_attachments", "_lsn" }, name => Assert.NotNull(read.Resource[name]));

        var replaced = await Items.ReplaceItemAsync(Doc("p", "a", "state", new { n = 2 }), "a", P);
        Assert.Equal(HttpStatusCode.OK, replaced.StatusCode);
        Assert.NotEqual(created.ETag, replaced.ETag);
        Assert.Equal(created.Resource["_rid"], replaced.Resource["_rid"]);

        Assert.Equal(HttpStatusCode.OK, (await Items.UpsertItemAsync(Doc("p", "a"), P)).StatusCode);
        Assert.Equal(HttpStatusCode.Created, (await Items.UpsertItemAsync(Doc("p", "b"), P)).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await Items.DeleteItemAsync<JObject>("a", P)).StatusCode);
        await FailsAsync(HttpStatusCode.NotFound, () => Items.ReadItemAsync<JObject>("a", P));
        await FailsAsync(HttpStatusCode.NotFound, () => Items.DeleteItemAsync<JObject>("a", P));
        await FailsAsync(HttpStatusCode.NotFound, () => Items.ReplaceItemAsync(Doc("p", "a"), "a", P));
    }

    [Fact]
    public async Task Conflicts_and_etags()
    {
        var first = await Items.CreateItemAsync(Doc("p", "a"), P);
        await FailsAsync(HttpStatusCode.Conflict, () => Items.CreateItemAsync(Doc("p", "a"), P));
        await Items.CreateItemAsync(Doc("q", "a"), new PartitionKey("q"));

        var unchanged = await Items.ReadItemStreamAsync("a", P, new ItemRequestOptions { IfNoneMatchEtag = first.ETag });
        Assert.Equal(HttpStatusCode.NotModified, unchanged.StatusCode);

        var ifFirst = new ItemRequestOptions { IfMatchEtag = first.ETag };
        var second = await Items.ReplaceItemAsync(Doc("p", "a"), "a", P, ifFirst);
        await FailsAsync(HttpStatusCode.PreconditionFailed, () => Items.ReplaceItemAsync(Doc("p", "a"), "a", P, ifFirst));
        await FailsAsync(HttpStatusCode.PreconditionFailed, () => Items.UpsertItemAsync(Doc("p", "a"), P, ifFirst));
        await FailsAsync(HttpStatusCode.PreconditionFailed, () => Items.DeleteItemAsync<JObject>("a", P, ifFirst));
        Assert.Equal(HttpStatusCode.OK, (await Items.ReadItemAsync<JObject>("a", P, new ItemRequestOptions { IfNoneMatchEtag = first.ETag })).StatusCode);
        await Items.DeleteItemAsync<JObject>("a", P, new ItemRequestOptions { IfMatchEtag = second.ETag });
    }

    [Fact]
    public async Task Minimal_return_has_an_etag_and_no_body()
    {
        var response = await Items.CreateItemAsync(Doc("p", "a"), P, new ItemRequestOptions { EnableContentResponseOnWrite = false });
        Assert.Null(response.Resource);
        Assert.Equal((await Items.ReadItemAsync<JObject>("a", P)).ETag, response.ETag);
    }

    [Fact]
    public async Task System_properties_sent_back_are_replaced()
    {
        await Items.CreateItemAsync(Doc("p", "a", "state", new { n = 1, _rid = "x", m = new { _ts = 1 }, _ts = 5 }), P);
        var read = (await Items.ReadItemAsync<JObject>("a", P)).Resource;
        Assert.Equal(1, (int)read["m"]!["_ts"]!);
        Assert.Equal(1, read.Properties().Count(p => p.Name == "_ts"));
        Assert.NotEqual("x", (string?)read["_rid"]);

        read["n"] = 2;
        var again = (await Items.ReplaceItemAsync(read, "a", P)).Resource;
        Assert.Equal(2, (int)again["n"]!);
        Assert.NotEqual((string?)read["_etag"], (string?)again["_etag"]);
        Assert.Equal(read.Properties().Select(p => p.Name).Order(), again.Properties().Select(p => p.Name).Order());
    }

    [Theory]
    [InlineData("a/b")]
    [InlineData("a\\b")]
    [InlineData("a?b")]
    [InlineData("a#b")]
    [InlineData("")]
    public async Task Bad_id_is_400(string id) =>
        await FailsAsync(HttpStatusCode.BadRequest, () => Items.CreateItemAsync(Doc("p", id), P));

    [Fact]
    public async Task Long_id_is_400_and_odd_ids_work()
    {
        await FailsAsync(HttpStatusCode.BadRequest, () => Items.CreateItemAsync(Doc("p", new string('x', 1024)), P));
        foreach (var id in new[] { "a b", "a+b", "äöü€😀", "a:b;c=d&e", "\"quoted\"", new string('x', 1023) })
        {
            await Items.CreateItemAsync(Doc("p", id), P);
            Assert.Equal(id, (string?)(await Items.ReadItemAsync<JObject>(id, P)).Resource["id"]);
        }
    }

    [Fact]
    public async Task Too_large_is_413()
    {
        var failure = await Assert.ThrowsAsync<CosmosException>(() =>
            Items.CreateItemAsync(Doc("p", "a", more: new { text = new string('x', 2 * 1024 * 1024) }), P));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, failure.StatusCode);
        await Items.CreateItemAsync(Doc("p", "a", more: new { text = new string('x', 2 * 1024 * 1024 - 1024) }), P);
    }

    [Fact]
    public async Task Partition_key_of_another_partition_is_400_1001()
    {
        var failure = await Assert.ThrowsAsync<CosmosException>(() => Items.CreateItemAsync(Doc("q", "a"), P));
        Assert.Equal((HttpStatusCode.BadRequest, 1001), (failure.StatusCode, failure.SubStatusCode));
    }

    [Fact]
    public async Task Partition_keys_of_every_type()
    {
        var keys = new (JToken Value, PartitionKey Key)[]
        {
            ("x\"y\\z", new PartitionKey("x\"y\\z")), (1.5, new PartitionKey(1.5)), (true, new PartitionKey(true)),
            (false, new PartitionKey(false)), (JValue.CreateNull(), PartitionKey.Null), ("", new PartitionKey("")),
        };
        foreach (var (value, key) in keys)
            await Items.CreateItemAsync(new JObject { ["id"] = "a", ["pk"] = value }, key);
        await Items.CreateItemAsync(new JObject { ["id"] = "a" }, PartitionKey.None);
        foreach (var (value, key) in keys)
            Assert.Equal(value, (await Items.ReadItemAsync<JObject>("a", key)).Resource["pk"]);
        Assert.Null((await Items.ReadItemAsync<JObject>("a", PartitionKey.None)).Resource["pk"]);
        Assert.Equal(7, (await _cosmos.QueryAsync("SELECT * FROM c")).Count);
        Assert.Single(await _cosmos.QueryAsync("SELECT * FROM c WHERE c.pk = 1.5"));
        Assert.Equal(2, (await _cosmos.QueryAsync("SELECT * FROM c WHERE c.pk IN (1.5, '')")).Count);
    }

    [Fact]
    public async Task Patch_changes_paths()
    {
        await Items.CreateItemAsync(Doc("p", "a", "state", new { n = 1, list = new[] { 1, 2 }, o = new { x = 1 } }), P);
        var patched = await Items.PatchItemAsync<JObject>("a", P,
        [
            PatchOperation.Increment("/n", 4),
            PatchOperation.Add("/list/-", 3),
            PatchOperation.Add("/list/0", 0),
            PatchOperation.Set("/o/y", "new"),
            PatchOperation.Replace("/o/x", new { deep = true }),
            PatchOperation.Remove("/kind"),
            PatchOperation.Increment("/m", 1.5),
        ]);
        Assert.Equal(HttpStatusCode.OK, patched.StatusCode);
        var doc = (await Items.ReadItemAsync<JObject>("a", P)).Resource;
        Assert.Equal("""{"n":5,"list":[0,1,2,3],"o":{"x":{"deep":true},"y":"new"},"m":1.5}""", new JObject(
            doc.Properties().Where(p => p.Name is "n" or "list" or "o" or "m")).ToString(Newtonsoft.Json.Formatting.None));
        Assert.Null(doc["kind"]);

        await FailsAsync(HttpStatusCode.BadRequest, () => Items.PatchItemAsync<JObject>("a", P, [PatchOperation.Replace("/none", 1)]));
        await FailsAsync(HttpStatusCode.BadRequest, () => Items.PatchItemAsync<JObject>("a", P, [PatchOperation.Set("/no/way", 1)]));
        await FailsAsync(HttpStatusCode.BadRequest, () => Items.PatchItemAsync<JObject>("a", P, [PatchOperation.Set("/id", "b")]));
        await FailsAsync(HttpStatusCode.BadRequest, () => Items.PatchItemAsync<JObject>("a", P, [PatchOperation.Set("/pk", "q")]));
        await FailsAsync(HttpStatusCode.NotFound, () => Items.PatchItemAsync<JObject>("z", P, [PatchOperation.Set("/n", 1)]));
    }

    [Fact]
    public async Task Patch_condition_decides()
    {
        await Items.CreateItemAsync(Doc("p", "a", more: new { n = 1 }), P);
        PatchOperation[] increment = [PatchOperation.Increment("/n", 1)];
        await Items.PatchItemAsync<JObject>("a", P, increment, new PatchItemRequestOptions { FilterPredicate = "FROM c WHERE c.n = 1" });
        var failure = await Assert.ThrowsAsync<CosmosException>(() =>
            Items.PatchItemAsync<JObject>("a", P, increment, new PatchItemRequestOptions { FilterPredicate = "FROM c WHERE c.n = 1" }));
        Assert.Equal((HttpStatusCode.PreconditionFailed, 1110), (failure.StatusCode, failure.SubStatusCode));
    }

    [Fact]
    public async Task Containers_and_databases_come_and_go()
    {
        Database database = await _cosmos.Client.CreateDatabaseIfNotExistsAsync("other");
        Container container = await database.CreateContainerIfNotExistsAsync(new ContainerProperties("c", "/tenant") { DefaultTimeToLive = 60 });
        await container.CreateItemAsync(new { id = "1", tenant = "t" }, new PartitionKey("t"));
        var properties = (await container.ReadContainerAsync()).Resource;
        Assert.Equal(("/tenant", 60), (properties.PartitionKeyPath, properties.DefaultTimeToLive));
        Assert.Equal(HttpStatusCode.OK, (await database.CreateContainerIfNotExistsAsync("c", "/tenant")).StatusCode);
        Assert.Equal(["c"], (await AllAsync(database.GetContainerQueryIterator<JToken>())).Select(c => (string)c["id"]!));
        Assert.Equal(["db", "other"], (await AllAsync(_cosmos.Client.GetDatabaseQueryIterator<JToken>())).Select(d => (string)d["id"]!));

        await container.DeleteContainerAsync();
        await FailsAsync(HttpStatusCode.NotFound, () => container.ReadItemAsync<JObject>("1", new PartitionKey("t")));
        await database.CreateContainerAsync("c", "/tenant");
        await FailsAsync(HttpStatusCode.NotFound, () => container.ReadItemAsync<JObject>("1", new PartitionKey("t")));
        await container.CreateItemAsync(new { id = "1", tenant = "t" }, new PartitionKey("t"));
        await database.DeleteAsync();
        await FailsAsync(HttpStatusCode.NotFound, () => container.ReadContainerAsync());
    }

    [Fact]
    public async Task Unsupported_is_loud()
    {
        var failure = await Assert.ThrowsAsync<CosmosException>(() => Items.ReadThroughputAsync());
        Assert.Equal(HttpStatusCode.BadRequest, failure.StatusCode);
        await Assert.ThrowsAsync<CosmosException>(() => Items.Scripts.ExecuteStoredProcedureAsync<string>("x", P, []));
        await FailsAsync(HttpStatusCode.BadRequest, () => _cosmos.Client.GetDatabase("db").CreateContainerAsync(
            new ContainerProperties("h", ["/a", "/b", "/c", "/d"])));
        await FailsAsync(HttpStatusCode.BadRequest, () => Items.CreateItemAsync(Doc("p", "a"), P, new ItemRequestOptions { IfNoneMatchEtag = "*" }));
    }

    [Fact]
    public async Task Read_many_returns_the_ones_there_are()
    {
        for (var i = 0; i < 20; i++)
            await _cosmos.CreateAsync(Invariant($"p{i % 4}"), Invariant($"{i}"));
        var found = await Items.ReadManyItemsAsync<JObject>(
            [("1", new PartitionKey("p1")), ("2", new PartitionKey("p2")), ("2", new PartitionKey("p1")), ("19", new PartitionKey("p3"))]);
        Assert.Equal(["1", "19", "2"], found.Select(doc => (string)doc["id"]!).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Injected_faults_reach_the_client()
    {
        await Items.CreateItemAsync(Doc("p", "warm"), P);
        var resources = new List<CosmosResource>();
        var fault = CosmosFault.LoseReplyAfterExecuting;
        _cosmos.Endpoint.OnRequest = request =>
        {
            resources.Add(request.Resource);
            var result = fault;
            fault = CosmosFault.None;
            return new(result);
        };
        await Assert.ThrowsAsync<HttpRequestException>(() => Items.CreateItemAsync(Doc("p", "a"), P));
        Assert.Equal("a", (await Items.ReadItemAsync<JObject>("a", P)).Resource["id"]);

        fault = CosmosFault.LoseBeforeExecuting;
        await Assert.ThrowsAsync<HttpRequestException>(() => Items.CreateItemAsync(Doc("p", "b"), P));
        await FailsAsync(HttpStatusCode.NotFound, () => Items.ReadItemAsync<JObject>("b", P));

        fault = CosmosFault.Reply(503);
        await FailsAsync(HttpStatusCode.ServiceUnavailable, () => Items.CreateItemAsync(Doc("p", "b"), P));
        fault = CosmosFault.Reply(429, 3200, TimeSpan.FromMilliseconds(1));
        await Items.CreateItemAsync(Doc("p", "b"), P);
        Assert.Contains(CosmosResource.Item, resources);
    }

    private static async Task FailsAsync(HttpStatusCode status, Func<Task> action) =>
        Assert.Equal(status, (await Assert.ThrowsAsync<CosmosException>(action)).StatusCode);
}

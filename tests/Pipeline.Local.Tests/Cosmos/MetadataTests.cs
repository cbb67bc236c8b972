using System.Net;
using System.Text;
using Microsoft.Azure.Cosmos;
using Newtonsoft.Json.Linq;
using Pipeline.Local.Cosmos;

namespace Pipeline.Tests;

/// <summary>Databases, containers, and what there is not.</summary>
public sealed class MetadataTests : IDisposable
{
    private readonly LocalCosmos _cosmos = new();

    public void Dispose() => _cosmos.Dispose();

    [Theory]
    [InlineData("SELECT * FROM c", "db other")]
    [InlineData("SELECT * FROM c WHERE c.id = 'other'", "other")]
    [InlineData("select * from root r where STARTSWITH(r.id, @prefix)", "db")]
    [InlineData("SELECT * FROM c WHERE c.id = 'nope'", "")]
    public async Task Databases_are_queried(string query, string expected)
    {
        await _cosmos.Client.CreateDatabaseAsync("other");
        var definition = new QueryDefinition(query).WithParameter("@prefix", "d");
        using var pages = _cosmos.Client.GetDatabaseQueryIterator<DatabaseProperties>(definition);
        Assert.Equal(expected, string.Join(' ', (await pages.ReadNextAsync()).Select(database => database.Id).Order(StringComparer.Ordinal)));
        using var all = _cosmos.Client.GetDatabaseQueryIterator<DatabaseProperties>();
        Assert.Equal(2, (await all.ReadNextAsync()).Count);
    }

    [Fact]
    public async Task Containers_are_queried()
    {
        var database = _cosmos.Client.GetDatabase("db");
        using var some = database.GetContainerQueryIterator<ContainerProperties>("SELECT * FROM c WHERE c.partitionKey.paths[0] = '/id'");
        Assert.Equal("leases", Assert.Single(await some.ReadNextAsync()).Id);
        using var ids = database.GetContainerQueryIterator<string>("SELECT VALUE c.id FROM c ORDER BY c.id DESC");
        Assert.Equal(["leases", "items"], await ids.ReadNextAsync());
        using var wrong = database.GetContainerQueryIterator<ContainerProperties>("SELECT * FROM c WHERE");
        Assert.Equal(HttpStatusCode.BadRequest, (await Assert.ThrowsAsync<CosmosException>(() => wrong.ReadNextAsync())).StatusCode);
    }

    [Fact]
    public async Task Container_is_replaced_as_far_as_it_can_change()
    {
        var properties = (await _cosmos.Leases.ReadContainerAsync()).Resource;
        Assert.Null(properties.DefaultTimeToLive);
        properties.DefaultTimeToLive = 60;
        properties.IndexingPolicy.ExcludedPaths.Add(new ExcludedPath { Path = "/text/*" });
        var replaced = await _cosmos.Leases.ReplaceContainerAsync(properties);
        Assert.Equal(60, replaced.Resource.DefaultTimeToLive);
        Assert.Equal(60, (await _cosmos.Leases.ReadContainerAsync()).Resource.DefaultTimeToLive);

        var stale = new ContainerRequestOptions { IfMatchEtag = properties.ETag };
        Assert.Equal(HttpStatusCode.PreconditionFailed, (await Assert.ThrowsAsync<CosmosException>(() => _cosmos.Leases.ReplaceContainerAsync(properties, stale))).StatusCode);
        foreach (var other in new[] { new ContainerProperties("leases", "/other"), new ContainerProperties("leases", "/id") { UniqueKeyPolicy = new() { UniqueKeys = { new() { Paths = { "/a" } } } } } })
            Assert.Equal(HttpStatusCode.BadRequest, (await Assert.ThrowsAsync<CosmosException>(() => _cosmos.Leases.ReplaceContainerAsync(other))).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await Assert.ThrowsAsync<CosmosException>(
            () => _cosmos.Client.GetContainer("db", "nope").ReplaceContainerAsync(new ContainerProperties("nope", "/id")))).StatusCode);
    }

    [Theory]
    [InlineData("POST", "dbs/db/colls/items/sprocs", "stored procedures")]
    [InlineData("POST", "dbs/db/colls/items/sprocs/s", "stored procedures")]
    [InlineData("GET", "dbs/db/colls/items/triggers", "triggers")]
    [InlineData("POST", "dbs/db/colls/items/udfs", "user-defined functions")]
    [InlineData("GET", "dbs/db/colls/items/conflicts", "conflicts")]
    [InlineData("POST", "dbs/db/users", "users")]
    [InlineData("GET", "dbs/db/users/u/permissions/p", "users")]
    [InlineData("GET", "offers", "throughput")]
    [InlineData("POST", "offers", "throughput")]
    [InlineData("POST", "dbs/db/clientencryptionkeys", "encryption")]
    [InlineData("POST", "dbs/db/colls/items/operations/partitionkeydelete", "partition")]
    [InlineData("GET", "addresses", "gateway mode")]
    [InlineData("PUT", "dbs/db", "databases")]
    [InlineData("DELETE", "dbs/db/colls/items/docs", "items")]
    [InlineData("PATCH", "dbs/db/colls/items", "containers")]
    [InlineData("POST", "dbs/db/colls/items/pkranges", "there is no such resource")]
    [InlineData("GET", "nonsense", "there is no such resource")]
    public async Task What_there_is_not_is_400_and_says_what(string method, string path, string names)
    {
        using var http = new HttpClient(_cosmos.Endpoint.CreateHandler());
        using var request = new HttpRequestMessage(new(method), $"http://localhost:8081/{path}") { Content = new StringContent("{}", Encoding.UTF8, "application/json") };
        request.Headers.TryAddWithoutValidation("x-ms-documentdb-partitionkey", "[\"p\"]");
        var (type, link) = RequestSignature.ResourceOf(path);
        using var response = await http.SendAsync(request.Signed(type, link));
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains(names, (string?)JObject.Parse(await response.Content.ReadAsStringAsync())["message"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sdk_gets_the_reason_for_what_there_is_not()
    {
        var failure = await Assert.ThrowsAsync<CosmosException>(() => _cosmos.Items.Scripts.CreateStoredProcedureAsync(new("s", "function () {}")));
        Assert.Equal(HttpStatusCode.BadRequest, failure.StatusCode);
        Assert.Contains("TransactionalBatch", failure.Message, StringComparison.Ordinal);
        failure = await Assert.ThrowsAsync<CosmosException>(() => _cosmos.Items.ReadThroughputAsync(new RequestOptions()));
        Assert.Contains("throughput", failure.Message, StringComparison.Ordinal);
    }
}

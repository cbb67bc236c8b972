using System.Net;
using Microsoft.Azure.Cosmos;
using Newtonsoft.Json.Linq;
using Pipeline.Local.Cosmos;
using static Pipeline.Tests.LocalCosmos;

namespace Pipeline.Tests;

/// <summary>A path that a client or server changes on the way reaches no other resource than the one that was meant.</summary>
public sealed class NormalisedPathTests : IDisposable
{
    private static readonly PartitionKey P = new("p");
    private readonly LocalCosmos _cosmos = new();

    public void Dispose() => _cosmos.Dispose();

    [Theory]
    [InlineData("..")]
    [InlineData(".")]
    [InlineData("%2e%2e")]
    [InlineData("%2E.")]
    [InlineData(".%2e")]
    [InlineData("a ")]
    [InlineData("a\n")]
    public async Task Item_whose_id_the_SDK_changes_is_401_and_nothing_else_is_touched(string id)
    {
        await _cosmos.CreateAsync("p", "a");
        foreach (var call in new Func<Task>[]
        {
            () => _cosmos.Items.DeleteItemAsync<JObject>(id, P),
            () => _cosmos.Items.ReadItemAsync<JObject>(id, P),
            () => _cosmos.Items.ReplaceItemAsync(Doc("p", "a", more: new { n = 2 }), id, P),
            () => _cosmos.Items.PatchItemAsync<JObject>(id, P, [PatchOperation.Set("/n", 1)]),
        })
        {
            var failure = await Assert.ThrowsAsync<CosmosException>(call);
            Assert.Equal(HttpStatusCode.Unauthorized, failure.StatusCode);
            Assert.Contains("clients change on the way", failure.ResponseBody, StringComparison.Ordinal);
        }

        Assert.Equal(["_attachments", "_etag", "_lsn", "_rid", "_self", "_ts", "id", "pk"],
            (await _cosmos.Items.ReadItemAsync<JObject>("a", P)).Resource.Properties().Select(p => p.Name).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("..")]
    [InlineData(".")]
    [InlineData("%2e%2E")]
    [InlineData("items ")]
    public async Task Container_or_database_whose_name_the_SDK_changes_deletes_no_other_one(string name)
    {
        foreach (var call in new Func<Task>[]
        {
            () => _cosmos.Client.GetContainer("db", name).DeleteContainerAsync(),
            () => _cosmos.Client.GetDatabase(name).DeleteAsync(),
            () => _cosmos.Client.GetContainer(name, "items").DeleteContainerAsync(),
            () => _cosmos.Client.GetContainer("db", name).ReadContainerAsync(),
        })
        {
            var failure = await Assert.ThrowsAsync<CosmosException>(call);
            Assert.True(failure.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.NotFound or HttpStatusCode.NotImplemented, $"{failure.StatusCode}");
        }

        await _cosmos.CreateAsync("p", "a");
    }

    [Theory]
    [InlineData("..")]
    [InlineData("%2e%2e")]
    [InlineData("%2E.")]
    [InlineData(".%2e")]
    [InlineData("%252e%252e")]
    [InlineData("%25252E%2e")]
    [InlineData("..%2f")]
    [InlineData("%2F..")]
    [InlineData("%5C..")]
    [InlineData("..\\")]
    [InlineData("a%2fb")]
    [InlineData("./a")]
    [InlineData("../items")]
    public async Task Dot_segment_or_separator_in_a_raw_target_is_400_whoever_signed_it(string segment)
    {
        await using var raw = await RawCosmos.StartAsync(_cosmos);
        foreach (var prefix in new[] { "", raw.Address.GetLeftPart(UriPartial.Authority) })
        {
            foreach (var (path, link) in new[] { ($"/dbs/db/colls/items/docs/{segment}", "dbs/db/colls/items"), ($"/dbs/db/colls/{segment}", "dbs/db"), ($"/dbs/{segment}", "") })
            {
                foreach (var signed in new[] { ("colls", link), ("dbs", link), ("docs", link) })
                    Assert.Equal(400, (await raw.SendAsync("DELETE", prefix + path, signed)).Status);
            }
        }

        await _cosmos.CreateAsync("p", "a");
    }

    [Fact]
    public async Task Signature_of_another_resource_or_method_or_key_is_401()
    {
        await using var raw = await RawCosmos.StartAsync(_cosmos);
        Assert.Equal(401, (await raw.SendAsync("DELETE", "/dbs/db/colls/items/", ("docs", "dbs/db/colls/items/docs/.."))).Status);
        Assert.Equal(401, (await raw.SendAsync("GET", "/dbs/db/colls/items/docs/", ("docs", "dbs/db/colls/items/docs/."))).Status);
        Assert.Equal(401, (await raw.SendAsync("DELETE", "/dbs/db", ("dbs", "dbs/other"))).Status);
        var date = "Mon, 02 Nov 2026 10:00:00 GMT";
        Assert.Equal(401, (await raw.SendAsync("DELETE", "/dbs/db", null, null, ("x-ms-date", date), ("authorization", CosmosSigning.Authorization("GET", "dbs", "dbs/db", date)))).Status);
        Assert.Equal(401, (await raw.SendAsync("DELETE", "/dbs/db", null, null, ("authorization", "type=aad&ver=1.0&sig=x"))).Status);
        using var stranger = new CosmosClient("http://localhost:8081/", Convert.ToBase64String(new byte[64]), new CosmosClientOptions
        {
            ConnectionMode = ConnectionMode.Gateway,
            HttpClientFactory = () => new HttpClient(_cosmos.Endpoint.CreateHandler()),
        });
        Assert.Equal(HttpStatusCode.Unauthorized, (await Assert.ThrowsAsync<CosmosException>(() => stranger.GetContainer("db", "items").ReadContainerAsync())).StatusCode);
        Assert.Equal(200, (await raw.SendAsync("GET", "/dbs/db", ("dbs", "dbs/db"))).Status);
    }

    [Theory]
    [InlineData("GET", "/")]
    [InlineData("GET", "/dbs")]
    [InlineData("POST", "/dbs")]
    [InlineData("DELETE", "/dbs/db")]
    [InlineData("GET", "/dbs/db/colls/items")]
    [InlineData("GET", "/dbs/db/colls/items/docs")]
    [InlineData("GET", "/dbs/db/colls/items/pkranges")]
    [InlineData("GET", "/dbs/db/colls/items/docs/a")]
    public async Task Request_without_authorization_is_401_and_says_what_to_do(string method, string path)
    {
        await using var raw = await RawCosmos.StartAsync(_cosmos);
        var (status, body) = await raw.SendAsync(method, path, null, """{"id":"made"}""", ("Content-Type", "text/plain"));
        Assert.Equal(401, status);
        Assert.Contains("account key", body, StringComparison.Ordinal);
        Assert.Null(_cosmos.Endpoint.Store.FindDatabase("made"));
    }

    [Fact]
    public async Task Key_of_the_setting_is_taken_too()
    {
        var key = Convert.ToBase64String([.. Enumerable.Range(1, 32).Select(n => (byte)n)]);
        using var endpoint = CosmosEndpoint.Open(null, TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance, key: key);
        using var client = new CosmosClient("http://localhost:8081/", key, new CosmosClientOptions
        {
            ConnectionMode = ConnectionMode.Gateway,
            HttpClientFactory = () => new HttpClient(endpoint.CreateHandler()),
        });
        Assert.Equal(HttpStatusCode.Created, (await client.CreateDatabaseAsync("db")).StatusCode);
    }
}

using System.Net;
using Microsoft.Azure.Cosmos;
using Newtonsoft.Json.Linq;
using Pipeline.Local.Testing;
using static Pipeline.Tests.LocalCosmos;

namespace Pipeline.Tests;

public sealed class TimeToLiveTests : IDisposable
{
    private static readonly PartitionKey P = new("p");
    private readonly ManualTimeProvider _clock = new();
    private readonly LocalCosmos _cosmos;

    public TimeToLiveTests() => _cosmos = new LocalCosmos(clock: _clock);

    public void Dispose() => _cosmos.Dispose();

    [Fact]
    public async Task Item_with_ttl_vanishes_everywhere()
    {
        await _cosmos.CreateAsync("p", "short", "inbox", new { ttl = 10 });
        await _cosmos.CreateAsync("p", "long", "inbox", new { ttl = 100 });
        await _cosmos.CreateAsync("p", "never", "inbox", new { ttl = -1 });
        await _cosmos.CreateAsync("p", "plain", "inbox");

        _clock.Advance(TimeSpan.FromSeconds(9));
        Assert.Equal("long never plain short", await _cosmos.IdsAsync("SELECT * FROM c", "p"));

        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("long never plain", await _cosmos.IdsAsync("SELECT * FROM c", "p"));
        Assert.Equal("long never plain", await _cosmos.IdsAsync("SELECT * FROM c WHERE c.kind = 'inbox'"));
        Assert.Equal("", await _cosmos.IdsAsync("SELECT * FROM c WHERE c.id = 'short'", "p"));
        var read = await Assert.ThrowsAsync<CosmosException>(() => _cosmos.Items.ReadItemAsync<JObject>("short", P));
        Assert.Equal(HttpStatusCode.NotFound, read.StatusCode);
        var feed = _cosmos.Items.GetChangeFeedIterator<JObject>(ChangeFeedStartFrom.Beginning(), ChangeFeedMode.Incremental);
        Assert.Equal(["long", "never", "plain"], (await feed.ReadNextAsync()).Select(d => (string)d["id"]!));

        Assert.Equal(HttpStatusCode.Created, (await _cosmos.Items.CreateItemAsync(Doc("p", "short"), P)).StatusCode);
        _clock.Advance(TimeSpan.FromDays(1));
        Assert.Equal("never plain short", await _cosmos.IdsAsync("SELECT * FROM c", "p"));
    }

    [Fact]
    public async Task Writing_again_starts_the_time_again()
    {
        await _cosmos.CreateAsync("p", "a", more: new { ttl = 10 });
        _clock.Advance(TimeSpan.FromSeconds(9));
        await _cosmos.Items.ReplaceItemAsync(Doc("p", "a", more: new { ttl = 10 }), "a", P);
        _clock.Advance(TimeSpan.FromSeconds(9));
        Assert.Equal("a", await _cosmos.IdsAsync("SELECT * FROM c", "p"));
        await _cosmos.Items.PatchItemAsync<JObject>("a", P, [PatchOperation.Remove("/ttl")]);
        _clock.Advance(TimeSpan.FromDays(1));
        Assert.Equal("a", await _cosmos.IdsAsync("SELECT * FROM c", "p"));
    }

    [Fact]
    public async Task Container_decides_whether_and_by_default_when()
    {
        _cosmos.Endpoint.EnsureContainer("db", "off", defaultTtlSeconds: null);
        _cosmos.Endpoint.EnsureContainer("db", "on", defaultTtlSeconds: 10);
        var off = _cosmos.Client.GetContainer("db", "off");
        var on = _cosmos.Client.GetContainer("db", "on");
        await off.CreateItemAsync(Doc("p", "a", more: new { ttl = 1 }), P);
        await on.CreateItemAsync(Doc("p", "a"), P);
        await on.CreateItemAsync(Doc("p", "b", more: new { ttl = 20 }), P);
        await on.CreateItemAsync(Doc("p", "c", more: new { ttl = -1 }), P);

        _clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(1, (int)(await AllAsync(off.GetItemQueryIterator<JToken>("SELECT VALUE COUNT(1) FROM c")))[0]);
        Assert.Equal(2, (int)(await AllAsync(on.GetItemQueryIterator<JToken>("SELECT VALUE COUNT(1) FROM c")))[0]);

        // Changing the container's default moves the items that it applies to.
        _cosmos.Endpoint.EnsureContainer("db", "off", defaultTtlSeconds: -1);
        Assert.Equal(0, (int)(await AllAsync(off.GetItemQueryIterator<JToken>("SELECT VALUE COUNT(1) FROM c")))[0]);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-2")]
    [InlineData("1.5")]
    [InlineData("\"10\"")]
    public async Task Invalid_ttl_is_400(string ttl)
    {
        var doc = Doc("p", "a");
        doc["ttl"] = JToken.Parse(ttl);
        var failure = await Assert.ThrowsAsync<CosmosException>(() => _cosmos.Items.CreateItemAsync(doc, P));
        Assert.Equal(HttpStatusCode.BadRequest, failure.StatusCode);
    }

    [Fact]
    public async Task Many_expiries_at_once_are_invisible_at_once()
    {
        for (var i = 0; i < 2500; i++)
            await _cosmos.CreateAsync(Invariant($"p{i % 7}"), Invariant($"{i}"), "inbox", new { ttl = 5 });
        _clock.Advance(TimeSpan.FromSeconds(5));
        Assert.Empty(await _cosmos.QueryAsync("SELECT * FROM c"));
        Assert.Equal(0, (int)(await _cosmos.QueryAsync("SELECT VALUE COUNT(1) FROM c WHERE c.kind = 'inbox'"))[0]);
    }
}

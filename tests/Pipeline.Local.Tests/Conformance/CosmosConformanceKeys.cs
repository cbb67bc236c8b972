using System.Net;
using Microsoft.Azure.Cosmos;
using Newtonsoft.Json.Linq;

namespace Pipeline.Tests.Conformance;

/// <summary>Unique keys, hierarchical partition keys, nested paths, and the change feed of several physical partitions.</summary>
public sealed class CosmosConformanceKeys
{
    public static TheoryData<string> Targets => CosmosAccount.Targets;

    [Theory]
    [MemberData(nameof(Targets))]
    public async Task Unique_keys_hold_within_a_partition(string target)
    {
        await using var account = await CosmosAccount.OpenAsync(target);
        var properties = new ContainerProperties { PartitionKeyPath = "/pk" };
        properties.UniqueKeyPolicy.UniqueKeys.Add(new UniqueKey { Paths = { "/email" } });
        properties.UniqueKeyPolicy.UniqueKeys.Add(new UniqueKey { Paths = { "/name/first", "/name/last" } });
        var users = await account.ContainerAsync(properties);
        var p = new PartitionKey("p");

        await users.CreateItemAsync(User("p", "1", "a@x", "Ada", "L"), p);
        await ConflictAsync(() => users.CreateItemAsync(User("p", "2", "a@x", "Bob", "L"), p));
        await ConflictAsync(() => users.CreateItemAsync(User("p", "2", "b@x", "Ada", "L"), p));
        await users.CreateItemAsync(User("q", "2", "a@x", "Ada", "L"), new PartitionKey("q"));
        await users.CreateItemAsync(User("p", "2", "b@x", "Ada", "M"), p);
        await ConflictAsync(() => users.ReplaceItemAsync(User("p", "2", "a@x", "Ada", "M"), "2", p));
        await ConflictAsync(() => users.UpsertItemAsync(User("p", "3", "a@x", "Eve", "M"), p));
        await ConflictAsync(() => users.PatchItemAsync<JObject>("2", p, [PatchOperation.Set("/email", "a@x")]));

        // What is replaced or deleted is free again; an item does not stand in its own way.
        await users.ReplaceItemAsync(User("p", "1", "a@x", "Ada", "N"), "1", p);
        await users.CreateItemAsync(User("p", "4", "d@x", "Ada", "L"), p);
        await users.DeleteItemAsync<JObject>("1", p);
        await users.CreateItemAsync(User("p", "5", "a@x", "Ada", "N"), p);
        var stored = (await users.ReadContainerAsync()).Resource.UniqueKeyPolicy.UniqueKeys;
        Assert.Equal(["/email", "/name/first /name/last"], stored.Select(key => string.Join(' ', key.Paths)));
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public async Task Unique_keys_hold_within_a_batch(string target)
    {
        await using var account = await CosmosAccount.OpenAsync(target);
        var properties = new ContainerProperties { PartitionKeyPath = "/pk" };
        properties.UniqueKeyPolicy.UniqueKeys.Add(new UniqueKey { Paths = { "/email" } });
        var users = await account.ContainerAsync(properties);
        var p = new PartitionKey("p");
        await users.CreateItemAsync(User("p", "1", "a@x"), p);

        using var twice = await users.CreateTransactionalBatch(p).CreateItem(User("p", "2", "b@x")).CreateItem(User("p", "3", "b@x")).ExecuteAsync();
        Assert.Equal(HttpStatusCode.Conflict, twice.StatusCode);
        Assert.Equal([HttpStatusCode.FailedDependency, HttpStatusCode.Conflict], twice.Select(result => result.StatusCode));
        using var swapped = await users.CreateTransactionalBatch(p).DeleteItem("1").CreateItem(User("p", "4", "a@x")).ExecuteAsync();
        Assert.True(swapped.IsSuccessStatusCode, swapped.ErrorMessage);
        // A missing value is null, and null is a value.
        await users.CreateItemAsync(new { id = "5", pk = "p" }, p);
        await ConflictAsync(() => users.CreateItemAsync(new { id = "6", pk = "p" }, p));
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public async Task Hierarchical_partition_keys(string target)
    {
        await using var account = await CosmosAccount.OpenAsync(target);
        var items = await account.ContainerAsync(new ContainerProperties { PartitionKeyPaths = ["/tenant", "/user", "/session"] });
        foreach (var (tenant, user, session) in from t in "ab" from u in "xyz" from s in "12" select (t, u, s))
        {
            foreach (var id in new[] { "1", "2" })
                await items.CreateItemAsync(Visit(tenant, user, session, id), Key(tenant, user, session));
        }

        Assert.Equal("y", (string)(await items.ReadItemAsync<JObject>("1", Key('a', 'y', '2'))).Resource["user"]!);
        var wrong = await Assert.ThrowsAsync<CosmosException>(() => items.CreateItemAsync(Visit('a', 'x', '1', "3"), Key('a', 'x', '2')));
        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
        Assert.Equal(24, (await CosmosAccount.QueryAsync(items, "SELECT * FROM c")).Count);
        Assert.Equal(12, (await CosmosAccount.QueryAsync(items, "SELECT * FROM c WHERE c.tenant = 'a'")).Count);
        Assert.Equal(12, (await CosmosAccount.QueryAsync(items, "SELECT * FROM c", new PartitionKeyBuilder().Add("b").Build(), 5)).Count);
        Assert.Equal(4, (await CosmosAccount.QueryAsync(items, "SELECT * FROM c", new PartitionKeyBuilder().Add("b").Add("y").Build())).Count);
        Assert.Equal(2, (await CosmosAccount.QueryAsync(items, "SELECT * FROM c ORDER BY c.id", Key('b', 'y', '1'))).Count);
        Assert.Equal(12, (int)(await CosmosAccount.QueryAsync(items, "SELECT VALUE COUNT(1) FROM c", new PartitionKeyBuilder().Add("a").Build()))[0]);
        using var batch = await items.CreateTransactionalBatch(Key('a', 'x', '1')).CreateItem(Visit('a', 'x', '1', "7")).DeleteItem("1").ExecuteAsync();
        Assert.True(batch.IsSuccessStatusCode, batch.ErrorMessage);
        var many = await items.ReadManyItemsAsync<JToken>([("2", Key('a', 'x', '1')), ("2", Key('b', 'z', '2')), ("1", Key('a', 'x', '1'))]);
        Assert.Equal(2, many.Count);
        Assert.Equal(["/tenant", "/user", "/session"], (await items.ReadContainerAsync()).Resource.PartitionKeyPaths);
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public async Task A_partition_key_within_an_object(string target)
    {
        await using var account = await CosmosAccount.OpenAsync(target);
        var items = await account.ContainerAsync(new ContainerProperties { PartitionKeyPath = "/address/city" });
        await items.CreateItemAsync(new { id = "1", address = new { city = "Bonn" } }, new PartitionKey("Bonn"));
        await items.CreateItemAsync(new { id = "2", address = new { zip = 5 } }, PartitionKey.None);
        Assert.Equal("1", Assert.Single(await CosmosAccount.QueryAsync(items, "SELECT * FROM c WHERE c.address.city = 'Bonn'"))["id"]);
        Assert.Equal("2", (string)(await items.ReadItemAsync<JObject>("2", PartitionKey.None)).Resource["id"]!);
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public async Task Each_physical_partition_has_a_change_feed(string target)
    {
        await using var account = await CosmosAccount.OpenAsync(target);
        var items = await account.ContainerAsync();
        for (var i = 0; i < 60; i++)
            await items.CreateItemAsync(new { id = Invariant($"{i}"), pk = Invariant($"p{i % 20}") }, new PartitionKey(Invariant($"p{i % 20}")));

        var ranges = await items.GetFeedRangesAsync();
        Assert.True(ranges.Count >= 3);
        var perRange = new List<HashSet<string>>();
        var continuations = new List<string>();
        foreach (var range in ranges)
        {
            var (changes, continuation) = await ChangesAsync(items, ChangeFeedStartFrom.Beginning(range));
            Assert.NotEmpty(changes);
            perRange.Add([.. changes.Select(change => (string)change["pk"]!)]);
            continuations.Add(continuation);
        }

        Assert.Equal(20, perRange.Sum(keys => keys.Count));
        Assert.Equal(20, perRange.SelectMany(keys => keys).Distinct().Count());
        await items.CreateItemAsync(new { id = "new", pk = "p7" }, new PartitionKey("p7"));
        for (var i = 0; i < ranges.Count; i++)
        {
            var (changes, _) = await ChangesAsync(items, ChangeFeedStartFrom.ContinuationToken(continuations[i]));
            Assert.Equal(perRange[i].Contains("p7") ? ["new"] : [], changes.Select(change => (string)change["id"]!));
        }

        var (all, _) = await ChangesAsync(items, ChangeFeedStartFrom.Beginning());
        Assert.Equal(61, all.Count);
    }

    private static async Task<(List<JToken> Changes, string Continuation)> ChangesAsync(Container items, ChangeFeedStartFrom from)
    {
        using var feed = items.GetChangeFeedIterator<JToken>(from, ChangeFeedMode.LatestVersion, new ChangeFeedRequestOptions { PageSizeHint = 8 });
        var changes = new List<JToken>();
        while (true)
        {
            var page = await feed.ReadNextAsync();
            if (page.StatusCode == HttpStatusCode.NotModified)
                return (changes, page.ContinuationToken);
            changes.AddRange(page);
        }
    }

    private static async Task ConflictAsync(Func<Task> write) =>
        Assert.Equal(HttpStatusCode.Conflict, (await Assert.ThrowsAsync<CosmosException>(write)).StatusCode);

    private static object User(string pk, string id, string email, string? first = null, string? last = null) =>
        first is null ? new { id, pk, email } : new { id, pk, email, name = new { first, last } };

    private static object Visit(char tenant, char user, char session, string id) =>
        new { id, tenant = $"{tenant}", user = $"{user}", session = $"{session}" };

    private static PartitionKey Key(char tenant, char user, char session) =>
        new PartitionKeyBuilder().Add($"{tenant}").Add($"{user}").Add($"{session}").Build();
}

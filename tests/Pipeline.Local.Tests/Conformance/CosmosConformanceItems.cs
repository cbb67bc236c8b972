using System.Net;
using System.Text.RegularExpressions;
using Microsoft.Azure.Cosmos;
using Newtonsoft.Json.Linq;

namespace Pipeline.Tests.Conformance;

/// <summary>Point operations, etags, patches, batches, time to live, session tokens, and where the change feed starts.</summary>
public sealed class CosmosConformanceItems
{
    private static readonly PartitionKey P = new("p");

    public static TheoryData<string> Targets => CosmosAccount.Targets;

    [Theory]
    [MemberData(nameof(Targets))]
    public async Task Point_operations_and_their_status(string target)
    {
        await using var account = await CosmosAccount.OpenAsync(target);
        var items = await account.ContainerAsync();

        Assert.Equal(HttpStatusCode.Created, (await items.CreateItemAsync(Doc("a"), P)).StatusCode);
        await FailsAsync(HttpStatusCode.Conflict, () => items.CreateItemAsync(Doc("a"), P));
        Assert.Equal(HttpStatusCode.Created, (await items.CreateItemAsync(Doc("a", pk: "q"), new PartitionKey("q"))).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await items.UpsertItemAsync(Doc("a", 2), P)).StatusCode);
        Assert.Equal(HttpStatusCode.Created, (await items.UpsertItemAsync(Doc("b"), P)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await items.ReplaceItemAsync(Doc("b", 3), "b", P)).StatusCode);
        Assert.Equal(3, (int)(await items.ReadItemAsync<JObject>("b", P)).Resource["n"]!);
        Assert.Equal(HttpStatusCode.NoContent, (await items.DeleteItemAsync<JObject>("b", P)).StatusCode);
        await FailsAsync(HttpStatusCode.NotFound, () => items.ReadItemAsync<JObject>("b", P));
        await FailsAsync(HttpStatusCode.NotFound, () => items.ReplaceItemAsync(Doc("b"), "b", P));
        await FailsAsync(HttpStatusCode.NotFound, () => items.DeleteItemAsync<JObject>("b", P));
        await FailsAsync(HttpStatusCode.NotFound, () => items.ReadItemAsync<JObject>("a", new PartitionKey("other")));

        var elsewhere = await Assert.ThrowsAsync<CosmosException>(() => items.CreateItemAsync(Doc("c", pk: "q"), P));
        Assert.Equal((HttpStatusCode.BadRequest, 1001), (elsewhere.StatusCode, elsewhere.SubStatusCode));
        await FailsAsync(HttpStatusCode.BadRequest, () => items.CreateItemAsync(Doc("a/b"), P));
        await FailsAsync(HttpStatusCode.RequestEntityTooLarge, () =>
            items.CreateItemAsync(new { id = "large", pk = "p", text = new string('x', 2 * 1024 * 1024) }, P));
        var many = await items.ReadManyItemsAsync<JToken>([("a", P), ("a", new PartitionKey("q")), ("none", P)]);
        Assert.Equal(2, many.Count);
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public async Task Etags_let_the_first_writer_win(string target)
    {
        await using var account = await CosmosAccount.OpenAsync(target);
        var items = await account.ContainerAsync();
        var first = await items.CreateItemAsync(Doc("a"), P);
        var ifFirst = new ItemRequestOptions { IfMatchEtag = first.ETag };
        Assert.Equal((string?)first.Resource["_etag"], first.ETag);

        using var unchanged = await items.ReadItemStreamAsync("a", P, new ItemRequestOptions { IfNoneMatchEtag = first.ETag });
        Assert.Equal(HttpStatusCode.NotModified, unchanged.StatusCode);
        var second = await items.ReplaceItemAsync(Doc("a", 2), "a", P, ifFirst);
        Assert.NotEqual(first.ETag, second.ETag);
        await FailsAsync(HttpStatusCode.PreconditionFailed, () => items.ReplaceItemAsync(Doc("a", 3), "a", P, ifFirst));
        await FailsAsync(HttpStatusCode.PreconditionFailed, () => items.UpsertItemAsync(Doc("a", 3), P, ifFirst));
        await FailsAsync(HttpStatusCode.PreconditionFailed, () => items.DeleteItemAsync<JObject>("a", P, ifFirst));
        await FailsAsync(HttpStatusCode.PreconditionFailed, () =>
            items.PatchItemAsync<JObject>("a", P, [PatchOperation.Set("/n", 3)], new PatchItemRequestOptions { IfMatchEtag = first.ETag }));
        Assert.Equal(2, (int)(await items.ReadItemAsync<JObject>("a", P)).Resource["n"]!);
        await items.DeleteItemAsync<JObject>("a", P, new ItemRequestOptions { IfMatchEtag = second.ETag });
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public async Task Patches_change_paths_if_their_condition_holds(string target)
    {
        await using var account = await CosmosAccount.OpenAsync(target);
        var items = await account.ContainerAsync();
        await items.CreateItemAsync(new { id = "a", pk = "p", n = 1, gone = true, list = new[] { 1, 3 } }, P);

        var patched = (await items.PatchItemAsync<JObject>("a", P,
        [
            PatchOperation.Increment("/n", 4), PatchOperation.Remove("/gone"), PatchOperation.Add("/list/1", 2), PatchOperation.Add("/list/-", 4),
            PatchOperation.Set("/inner", new { x = 1 }), PatchOperation.Replace("/inner/x", 2),
        ])).Resource;
        Assert.Equal((5, false, "[1,2,3,4]", 2), ((int)patched["n"]!, patched.ContainsKey("gone"), patched["list"]!.ToString(Newtonsoft.Json.Formatting.None), (int)patched["inner"]!["x"]!));

        await FailsAsync(HttpStatusCode.BadRequest, () => items.PatchItemAsync<JObject>("a", P, [PatchOperation.Replace("/none", 1)]));
        await FailsAsync(HttpStatusCode.BadRequest, () => items.PatchItemAsync<JObject>("a", P, [PatchOperation.Remove("/none")]));
        await FailsAsync(HttpStatusCode.BadRequest, () => items.PatchItemAsync<JObject>("a", P, [.. Enumerable.Range(0, 11).Select(i => PatchOperation.Set(Invariant($"/f{i}"), i))]));
        await FailsAsync(HttpStatusCode.NotFound, () => items.PatchItemAsync<JObject>("none", P, [PatchOperation.Set("/n", 1)]));
        await FailsAsync(HttpStatusCode.PreconditionFailed, () => items.PatchItemAsync<JObject>(
            "a", P, [PatchOperation.Set("/n", 9)], new PatchItemRequestOptions { FilterPredicate = "FROM c WHERE c.n = 1" }));
        await items.PatchItemAsync<JObject>("a", P, [PatchOperation.Set("/n", 9)], new PatchItemRequestOptions { FilterPredicate = "FROM c WHERE c.n = 5" });
        Assert.Equal(9, (int)(await items.ReadItemAsync<JObject>("a", P)).Resource["n"]!);
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public async Task Batches_are_all_or_nothing(string target)
    {
        await using var account = await CosmosAccount.OpenAsync(target);
        var items = await account.ContainerAsync();
        var stale = (await items.CreateItemAsync(Doc("head"), P)).ETag;
        await items.ReplaceItemAsync(Doc("head", 2), "head", P);

        using (var done = await items.CreateTransactionalBatch(P)
            .CreateItem(Doc("a")).ReplaceItem("head", Doc("head", 3)).PatchItem("a", [PatchOperation.Increment("/n", 1)]).ReadItem("a").DeleteItem("a").ExecuteAsync())
        {
            Assert.Equal([201, 200, 200, 200, 204], done.Select(result => (int)result.StatusCode));
            Assert.Equal(2, (int)done.GetOperationResultAtIndex<JObject>(3).Resource["n"]!);
        }

        var ifStale = new TransactionalBatchItemRequestOptions { IfMatchEtag = stale };
        await StatusAsync([424, 412, 424], items.CreateTransactionalBatch(P).CreateItem(Doc("b")).ReplaceItem("head", Doc("head", 4), ifStale).CreateItem(Doc("c")));
        await StatusAsync([424, 424, 409], items.CreateTransactionalBatch(P).DeleteItem("head").UpsertItem(Doc("x")).CreateItem(Doc("x")));
        await StatusAsync([424, 404], items.CreateTransactionalBatch(P).CreateItem(Doc("b")).ReadItem("none"));
        await StatusAsync([424, 404], items.CreateTransactionalBatch(P).CreateItem(Doc("b")).DeleteItem("none"));
        var left = Assert.Single(await CosmosAccount.QueryAsync(items, "SELECT * FROM c"));
        Assert.Equal(("head", 3), ((string)left["id"]!, (int)left["n"]!));

        var hundred = Enumerable.Range(0, 100).Aggregate(items.CreateTransactionalBatch(P), (batch, i) => batch.CreateItem(Doc(Invariant($"i{i}"))));
        using (var full = await hundred.ExecuteAsync())
            Assert.Equal(100, full.Count);
        var tooMany = Enumerable.Range(0, 101).Aggregate(items.CreateTransactionalBatch(P), (batch, i) => batch.UpsertItem(Doc(Invariant($"i{i}"))));
        using var refused = await tooMany.ExecuteAsync();
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public async Task Items_expire_where_the_container_says_so(string target)
    {
        await using var account = await CosmosAccount.OpenAsync(target);
        var without = await account.ContainerAsync();
        var on = await account.ContainerAsync(new ContainerProperties { PartitionKeyPath = "/pk", DefaultTimeToLive = -1 });
        var byDefault = await account.ContainerAsync(new ContainerProperties { PartitionKeyPath = "/pk", DefaultTimeToLive = 1 });
        foreach (var items in new[] { without, on, byDefault })
        {
            await items.CreateItemAsync(Doc("plain"), P);
            await items.CreateItemAsync(new { id = "short", pk = "p", ttl = 1 }, P);
            await items.CreateItemAsync(new { id = "never", pk = "p", ttl = -1 }, P);
        }

        await GoneAsync(on, "short");
        await GoneAsync(byDefault, "plain");
        await GoneAsync(byDefault, "short");
        Assert.Equal("never plain short", await IdsAsync(without));
        Assert.Equal("never plain", await IdsAsync(on));
        Assert.Equal("never", await IdsAsync(byDefault));
        // Its id is free again.
        Assert.Equal(HttpStatusCode.Created, (await on.CreateItemAsync(Doc("short"), P)).StatusCode);
        await FailsAsync(HttpStatusCode.BadRequest, () => on.CreateItemAsync(new { id = "bad", pk = "p", ttl = 0 }, P));
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public async Task A_session_token_reads_ones_own_writes(string target)
    {
        await using var account = await CosmosAccount.OpenAsync(target);
        var items = await account.ContainerAsync();
        var written = await items.CreateItemAsync(Doc("a"), P);
        Assert.NotEmpty(written.Headers.Session);
        var read = await items.ReadItemAsync<JObject>("a", P, new ItemRequestOptions { SessionToken = written.Headers.Session });
        Assert.Equal(written.ETag, read.ETag);
        Assert.True(written.RequestCharge > read.RequestCharge && read.RequestCharge > 0);

        // One that is ahead of all there is cannot be served: 404/1002, after the client's own retries.
        var ahead = Regex.Replace(written.Headers.Session, "#[0-9]+", "#999999999");
        var failure = await Assert.ThrowsAsync<CosmosException>(() => items.ReadItemAsync<JObject>("a", P, new ItemRequestOptions { SessionToken = ahead }));
        Assert.Equal((HttpStatusCode.NotFound, 1002), (failure.StatusCode, failure.SubStatusCode));
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public async Task The_change_feed_starts_at_the_beginning_now_a_time_or_a_continuation(string target)
    {
        await using var account = await CosmosAccount.OpenAsync(target);
        var items = await account.ContainerAsync();
        await items.CreateItemAsync(Doc("a"), P);
        await items.CreateItemAsync(Doc("b"), P);
        var range = FeedRange.FromPartitionKey(P);
        var (_, now) = await ChangesAsync(items, ChangeFeedStartFrom.Now(range));
        var (beginning, end) = await ChangesAsync(items, ChangeFeedStartFrom.Beginning(range));
        Assert.Equal("a b", beginning);
        await items.ReplaceItemAsync(Doc("a", 2), "a", P);
        await items.CreateItemAsync(Doc("elsewhere", pk: "q"), new PartitionKey("q"));
        await items.CreateItemAsync(Doc("deleted"), P);
        await items.DeleteItemAsync<JObject>("deleted", P);

        // The latest version of each, in the order of the last writes; deletes leave nothing.
        Assert.Equal("b a", (await ChangesAsync(items, ChangeFeedStartFrom.Beginning(range))).Ids);
        Assert.Equal("a", (await ChangesAsync(items, ChangeFeedStartFrom.ContinuationToken(now))).Ids);
        Assert.Equal("a", (await ChangesAsync(items, ChangeFeedStartFrom.ContinuationToken(end))).Ids);
        Assert.Equal("b a", (await ChangesAsync(items, ChangeFeedStartFrom.Time(DateTime.UtcNow.AddHours(-1), range))).Ids);
        Assert.Equal("", (await ChangesAsync(items, ChangeFeedStartFrom.Time(DateTime.UtcNow.AddMinutes(2), range))).Ids);
    }

    private static async Task<(string Ids, string Continuation)> ChangesAsync(Container items, ChangeFeedStartFrom from)
    {
        using var feed = items.GetChangeFeedIterator<JToken>(from, ChangeFeedMode.LatestVersion);
        var ids = new List<string>();
        while (true)
        {
            var page = await feed.ReadNextAsync();
            if (page.StatusCode == HttpStatusCode.NotModified)
                return (string.Join(' ', ids), page.ContinuationToken);
            ids.AddRange(page.Select(change => (string)change["id"]!));
        }
    }

    private static async Task StatusAsync(int[] expected, TransactionalBatch batch)
    {
        using var response = await batch.ExecuteAsync();
        Assert.False(response.IsSuccessStatusCode);
        Assert.Equal(expected, response.Select(result => (int)result.StatusCode));
    }

    private static async Task GoneAsync(Container items, string id)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            using var read = await items.ReadItemStreamAsync(id, P);
            if (read.StatusCode == HttpStatusCode.NotFound)
                return;
            Assert.False(patience.IsCancellationRequested, $"'{id}' does not expire.");
            await Task.Delay(50);
        }
    }

    private static async Task<string> IdsAsync(Container items) =>
        string.Join(' ', (await CosmosAccount.QueryAsync(items, "SELECT * FROM c ORDER BY c.id", P)).Select(item => (string)item["id"]!));

    private static async Task FailsAsync(HttpStatusCode status, Func<Task> call) =>
        Assert.Equal(status, (await Assert.ThrowsAsync<CosmosException>(call)).StatusCode);

    private static JObject Doc(string id, int n = 1, string pk = "p") => new() { ["id"] = id, ["pk"] = pk, ["n"] = n };
}

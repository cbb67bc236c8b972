using System.Net;
using Microsoft.Azure.Cosmos;
using Newtonsoft.Json.Linq;
using Pipeline.Local.Testing;
using static Pipeline.Tests.LocalCosmos;

namespace Pipeline.Tests;

public sealed class ChangeFeedTests : IDisposable
{
    private readonly ManualTimeProvider _clock = new();
    private readonly LocalCosmos _cosmos;

    public ChangeFeedTests() => _cosmos = new LocalCosmos(clock: _clock);

    public void Dispose() => _cosmos.Dispose();

    [Fact]
    public async Task From_the_beginning_latest_versions_in_order_of_writing()
    {
        for (var i = 0; i < 5; i++)
            await _cosmos.CreateAsync(Invariant($"p{i}"), Invariant($"{i}"));
        await _cosmos.Items.UpsertItemAsync(Doc("p1", "1"), new PartitionKey("p1"));
        await _cosmos.Items.DeleteItemAsync<JObject>("3", new PartitionKey("p3"));

        var feed = Feed(ChangeFeedStartFrom.Beginning());
        Assert.Equal("0 2 4 1", await ReadAsync(feed));
        Assert.Equal("", await ReadAsync(feed));
        await _cosmos.CreateAsync("p", "new");
        Assert.Equal("new", await ReadAsync(feed));
    }

    [Fact]
    public async Task From_now_from_a_token_and_from_a_time()
    {
        await _cosmos.CreateAsync("p", "a");
        var now = Feed(ChangeFeedStartFrom.Now());
        Assert.Equal("", await ReadAsync(now));
        await _cosmos.CreateAsync("p", "b");
        var beginning = Feed(ChangeFeedStartFrom.Beginning());
        var page = await beginning.ReadNextAsync();
        _clock.Advance(TimeSpan.FromSeconds(10));
        var time = _clock.GetUtcNow().UtcDateTime;
        await _cosmos.CreateAsync("p", "c");

        Assert.Equal("b c", await ReadAsync(now));
        Assert.Equal("c", await ReadAsync(Feed(ChangeFeedStartFrom.ContinuationToken(page.ContinuationToken))));
        Assert.Equal("c", await ReadAsync(Feed(ChangeFeedStartFrom.Time(time))));
        Assert.Equal("", await ReadAsync(Feed(ChangeFeedStartFrom.Time(time.AddSeconds(10)))));
    }

    [Fact]
    public async Task Of_one_partition_key()
    {
        for (var i = 0; i < 30; i++)
            await _cosmos.CreateAsync(Invariant($"p{i % 3}"), Invariant($"{i:d2}"));
        var feed = Feed(ChangeFeedStartFrom.Beginning(FeedRange.FromPartitionKey(new PartitionKey("p1"))), pageSize: 4);
        Assert.Equal("01 04 07 10 13 16 19 22 25 28", await ReadAsync(feed));
        await _cosmos.CreateAsync("p0", "other");
        await _cosmos.CreateAsync("p1", "mine");
        Assert.Equal("mine", await ReadAsync(feed));
        Assert.Equal("", await ReadAsync(Feed(ChangeFeedStartFrom.Beginning(FeedRange.FromPartitionKey(new PartitionKey("none"))))));
    }

    [Fact]
    public async Task Of_every_feed_range()
    {
        for (var i = 0; i < 10; i++)
            await _cosmos.CreateAsync(Invariant($"p{i}"), Invariant($"{i}"));
        var found = new List<string>();
        foreach (var range in await _cosmos.Items.GetFeedRangesAsync())
            found.Add(await ReadAsync(Feed(ChangeFeedStartFrom.Beginning(range))));
        Assert.Equal("0 1 2 3 4 5 6 7 8 9", string.Join(' ', found));
    }

    [Fact]
    public async Task Transaction_is_never_split_over_pages_and_has_no_order()
    {
        for (var batch = 0; batch < 20; batch++)
        {
            var transaction = _cosmos.Items.CreateTransactionalBatch(new PartitionKey("p"));
            for (var i = 0; i < 5; i++)
                transaction.CreateItem(Doc("p", Invariant($"{batch:d2}-{i}")));
            using var response = await transaction.ExecuteAsync();
            Assert.True(response.IsSuccessStatusCode);
        }

        var feed = Feed(ChangeFeedStartFrom.Beginning(), pageSize: 7);
        var orders = new HashSet<string>();
        var seen = new List<string>();
        while (true)
        {
            var page = await feed.ReadNextAsync();
            if (page.StatusCode == HttpStatusCode.NotModified)
                break;
            var batches = page.Select(d => (string)d["id"]!).GroupBy(id => id[..2]).ToList();
            Assert.Equal(2, batches.Count);
            Assert.All(batches, ids => Assert.Equal(5, ids.Count()));
            seen.AddRange(batches.Select(ids => ids.Key));
            orders.UnionWith(batches.Select(ids => string.Concat(ids.Select(id => id[^1]))));
        }

        Assert.Equal(Enumerable.Range(0, 20).Select(i => Invariant($"{i:d2}")), seen);
        Assert.True(orders.Count > 1, "Every transaction came in the same order, on which code could come to rely.");
    }

    [Fact]
    public async Task Many_rewrites_of_few_items_keep_the_feed_small_and_whole()
    {
        var feed = Feed(ChangeFeedStartFrom.Now());
        Assert.Equal("", await ReadAsync(feed));
        for (var i = 0; i < 500; i++)
            await _cosmos.Items.UpsertItemAsync(Doc("p", Invariant($"{i % 7}"), more: new { i }), new PartitionKey("p"));
        Assert.Equal("3 4 5 6 0 1 2", await ReadAsync(feed));
        Assert.Equal("3 4 5 6 0 1 2", await ReadAsync(Feed(ChangeFeedStartFrom.Beginning(), pageSize: 2)));
    }

    [Fact]
    public async Task Concurrent_writers_lose_nothing_and_split_nothing()
    {
        const int Writers = 8, Batches = 100;
        var writing = Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(async () =>
        {
            for (var i = 0; i < Batches; i++)
            {
                var pk = Invariant($"{writer}-{i % 10}");
                using var response = await _cosmos.Items.CreateTransactionalBatch(new PartitionKey(pk))
                    .CreateItem(Doc(pk, Invariant($"{writer}-{i}-a"), "outbox"))
                    .CreateItem(Doc(pk, Invariant($"{writer}-{i}-b"), "state"))
                    .UpsertItem(Doc(pk, "head", "head"))
                    .ExecuteAsync();
                Assert.True(response.IsSuccessStatusCode, response.ErrorMessage);
            }
        })));

        var seen = new HashSet<string>();
        var feed = Feed(ChangeFeedStartFrom.Beginning(), pageSize: 10);
        var isLast = false;
        while (true)
        {
            var wasWritten = writing.IsCompleted;
            var page = await feed.ReadNextAsync();
            if (page.StatusCode != HttpStatusCode.NotModified)
            {
                var ids = page.Select(doc => (string)doc["id"]!).Where(id => id != "head").ToList();
                Assert.Equal(0, ids.Count % 2);
                Assert.All(ids, id => Assert.True(seen.Add(id), $"{id} came twice."));
                isLast = false;
            }
            else if (wasWritten)
            {
                if (isLast)
                    break;
                isLast = true;
            }
        }

        await writing;
        Assert.Equal(Writers * Batches * 2, seen.Count);
    }

    [Fact]
    public async Task Continuation_of_other_data_is_400()
    {
        for (var i = 0; i < 3; i++)
            await _cosmos.CreateAsync("p", Invariant($"{i}"));
        using var other = new LocalCosmos();
        var ahead = (await Feed(ChangeFeedStartFrom.Beginning()).ReadNextAsync()).ContinuationToken;
        var feed = other.Items.GetChangeFeedIterator<JObject>(ChangeFeedStartFrom.ContinuationToken(ahead), ChangeFeedMode.Incremental);
        var failure = await Assert.ThrowsAsync<CosmosException>(() => feed.ReadNextAsync());
        Assert.Equal(HttpStatusCode.BadRequest, failure.StatusCode);
    }

    [Fact]
    public async Task All_versions_mode_is_400()
    {
        var feed = _cosmos.Items.GetChangeFeedIterator<JObject>(ChangeFeedStartFrom.Now(), ChangeFeedMode.AllVersionsAndDeletes);
        var failure = await Assert.ThrowsAsync<CosmosException>(() => feed.ReadNextAsync());
        Assert.Equal(HttpStatusCode.BadRequest, failure.StatusCode);
    }

    private FeedIterator<JObject> Feed(ChangeFeedStartFrom from, int? pageSize = null) =>
        _cosmos.Items.GetChangeFeedIterator<JObject>(from, ChangeFeedMode.Incremental, new ChangeFeedRequestOptions { PageSizeHint = pageSize });

    private static async Task<string> ReadAsync(FeedIterator<JObject> feed)
    {
        var ids = new List<string>();
        while (true)
        {
            var page = await feed.ReadNextAsync();
            if (page.StatusCode == HttpStatusCode.NotModified)
                return string.Join(' ', ids);
            ids.AddRange(page.Select(doc => (string)doc["id"]!));
        }
    }
}

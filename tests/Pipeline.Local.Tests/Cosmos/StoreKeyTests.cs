using System.Net;
using System.Text;
using Microsoft.Azure.Cosmos;
using Newtonsoft.Json.Linq;
using Pipeline.Local.Testing;
using static Pipeline.Tests.LocalCosmos;

namespace Pipeline.Tests;

/// <summary>Hierarchical partition keys, unique keys and extreme ids, through the SDK and over restarts.</summary>
public sealed class StoreKeyTests : IDisposable
{
    private static readonly PartitionKey P = new("p");
    private readonly string _directory = Directory.CreateTempSubdirectory("cosmos").FullName;
    private readonly ManualTimeProvider _clock = new();

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData(2, 1)]
    [InlineData(3, 4)]
    public async Task Hierarchical_keys_of_every_depth(int components, int ranges)
    {
        string[] paths = ["/tenant", "/user", "/day"];
        object?[] values = ["t", "u", 1, true, null, ""];
        for (var restart = 0; restart < 2; restart++)
        {
            using var cosmos = new LocalCosmos(_directory, _clock, bodyCacheBytes: 0);
            var database = cosmos.Client.GetDatabase("db");
            var properties = new ContainerProperties("keys", paths.Take(components).ToList());
            Container keys = await database.CreateContainerIfNotExistsAsync(properties, throughput: ranges * 10_000);
            for (var i = 0; restart == 0 && i < 36; i++)
            {
                var doc = new JObject { ["id"] = Invariant($"{i:d2}"), ["kind"] = i % 2 == 0 ? "even" : "odd", ["tenant"] = JToken.FromObject(values[i % 3]!) };
                if (values[i / 3 % 6] is var user && i % 5 != 0)
                    doc["user"] = user is null ? JValue.CreateNull() : JToken.FromObject(user);
                if (components == 3 && i % 7 != 0)
                    doc["day"] = i % 4;
                await keys.CreateItemAsync(doc);
            }

            async Task<string> Ids(string query, PartitionKey? key = null, int page = 3) => string.Join(' ', (await AllAsync(keys.GetItemQueryIterator<JToken>(
                query, requestOptions: new QueryRequestOptions { PartitionKey = key, MaxItemCount = page }))).Select(doc => (string)doc["id"]!).Order());
            string Expected(Func<int, bool> condition) => string.Join(' ', Enumerable.Range(0, 36).Where(condition).Select(i => Invariant($"{i:d2}")));

            Assert.Equal(Expected(_ => true), await Ids("SELECT * FROM c"));
            Assert.Equal(Expected(i => i % 2 == 0), await Ids("SELECT * FROM c WHERE c.kind = 'even'"));
            Assert.Equal(Expected(i => i > 20), await Ids("SELECT * FROM c WHERE c.id > '20'"));
            var tenant = new PartitionKeyBuilder().Add("t").Build();
            Assert.Equal(Expected(i => i % 3 == 0), await Ids("SELECT * FROM c", tenant));
            Assert.Equal(Expected(i => i % 6 == 0), await Ids("SELECT * FROM c WHERE c.kind IN ('even', 'none')", tenant));
            Assert.Equal(Expected(i => i % 3 == 0 && i < 20), await Ids("SELECT * FROM c WHERE c.id < '20' ORDER BY c.id DESC", tenant));
            if (components == 2)
            {
                var noUser = new PartitionKeyBuilder().Add("t").AddNoneType().Build();
                Assert.Equal(Expected(i => i % 15 == 0), await Ids("SELECT * FROM c ORDER BY c.id DESC", noUser, page: 1));
                Assert.Equal("t", (string)(await keys.ReadItemAsync<JObject>("15", noUser)).Resource["tenant"]!);
            }

            var all = new List<string>();
            foreach (var range in await keys.GetFeedRangesAsync())
            {
                var feed = keys.GetChangeFeedIterator<JObject>(ChangeFeedStartFrom.Beginning(range), ChangeFeedMode.LatestVersion, new() { PageSizeHint = 5 });
                for (var page = await feed.ReadNextAsync(); page.StatusCode != HttpStatusCode.NotModified; page = await feed.ReadNextAsync())
                    all.AddRange(page.Select(doc => (string)doc["id"]!));
            }

            Assert.Equal(Expected(_ => true), string.Join(' ', all.Order()));
        }
    }

    [Fact]
    public async Task Unique_keys_in_batches_after_replacement_expiry_deletion_and_restart()
    {
        for (var restart = 0; restart < 2; restart++)
        {
            using var cosmos = new LocalCosmos(_directory, _clock);
            var properties = new ContainerProperties("unique", "/pk") { DefaultTimeToLive = -1 };
            properties.UniqueKeyPolicy.UniqueKeys.Add(new UniqueKey { Paths = { "/u" } });
            Container items = await cosmos.Client.GetDatabase("db").CreateContainerIfNotExistsAsync(properties);
            static JObject With(string id, string u, int? ttl = null) => Doc("p", id, more: new { u, ttl });
            async Task<HttpStatusCode> Create(string id, string u, int? ttl = null)
            {
                using var response = await items.CreateItemStreamAsync(new MemoryStream(Encoding.UTF8.GetBytes(With(id, u, ttl).ToString())), P);
                return response.StatusCode;
            }

            if (restart == 0)
            {
                Assert.Equal(HttpStatusCode.Created, await Create("a", "1", 10));
                _clock.Advance(TimeSpan.FromSeconds(10));
                Assert.Equal(HttpStatusCode.Created, await Create("b", "1"));
                await items.ReplaceItemAsync(With("b", "2"), "b", P);
                Assert.Equal(HttpStatusCode.Created, await Create("c", "1"));
                using (var swap = await items.CreateTransactionalBatch(P).DeleteItem("c").UpsertItem(With("b", "1")).CreateItem(With("c", "2")).ExecuteAsync())
                    Assert.True(swap.IsSuccessStatusCode);
                using (var again = await items.CreateTransactionalBatch(P).CreateItem(With("d", "4")).ReplaceItem("d", With("d", "5")).CreateItem(With("e", "4")).ExecuteAsync())
                    Assert.True(again.IsSuccessStatusCode);
                using (var conflict = await items.CreateTransactionalBatch(P).CreateItem(With("f", "6")).CreateItem(With("g", "6")).ExecuteAsync())
                    Assert.Equal(HttpStatusCode.Conflict, conflict.StatusCode);
                await items.DeleteItemAsync<JObject>("e", P);
                Assert.Equal(HttpStatusCode.Created, await Create("a", "4"));
            }

            // b=1, c=2, d=5, a=4
            foreach (var taken in new[] { "1", "2", "5", "4" })
                Assert.Equal(HttpStatusCode.Conflict, await Create("x", taken));
            Assert.Equal(HttpStatusCode.Created, await Create(Invariant($"free{restart}"), Invariant($"6{restart}")));
        }
    }

    [Fact]
    public async Task Longest_ids_and_bounds_of_any_length()
    {
        var ids = new[] { new string('a', 1023), new string('\uFFFF', 341), string.Concat(Enumerable.Repeat("\U0010FFFF", 255)), "a", "!", new string('a', 1022) };
        for (var restart = 0; restart < 2; restart++)
        {
            using var cosmos = new LocalCosmos(_directory, _clock, bodyCacheBytes: 0);
            foreach (var id in restart == 0 ? ids : [])
                await cosmos.CreateAsync("p", id);
            var expected = ids.Order(StringComparer.Ordinal).ToList();
            Assert.Equal(expected, (await cosmos.QueryAsync("SELECT * FROM c ORDER BY c.id", "p", 1)).Select(doc => (string)doc["id"]!));
            Assert.Equal(expected.AsEnumerable().Reverse(), (await cosmos.QueryAsync("SELECT * FROM c ORDER BY c.id DESC", "p", 1)).Select(doc => (string)doc["id"]!));
            foreach (var bound in new[] { "", "a", new string('a', 1023), new string('a', 100_000), new string('\uFFFF', 5000), "\uFFFF" })
            {
                foreach (var (op, wanted) in new (string, Func<int, bool>)[] { ("<", o => o < 0), ("<=", o => o <= 0), (">", o => o > 0), (">=", o => o >= 0), ("=", o => o == 0) })
                {
                    var found = await cosmos.QueryAsync($"SELECT * FROM c WHERE c.id {op} @bound ORDER BY c.id", "p", 2, ("@bound", bound));
                    Assert.Equal(expected.Where(id => wanted(string.CompareOrdinal(id, bound))), found.Select(doc => (string)doc["id"]!));
                }
            }
        }
    }

    [Fact]
    public async Task Many_items_by_key_and_counts_of_many()
    {
        using var cosmos = new LocalCosmos(_directory, _clock, bodyCacheBytes: 0);
        for (var i = 0; i < 6000; i += 50)
        {
            var batch = cosmos.Items.CreateTransactionalBatch(new PartitionKey(Invariant($"p{i / 50}")));
            for (var j = i; j < i + 50; j++)
                batch.CreateItem(Doc(Invariant($"p{i / 50}"), Invariant($"{j}"), j % 3 == 0 ? "state" : "event", new { n = j }));
            using var done = await batch.ExecuteAsync();
            Assert.True(done.IsSuccessStatusCode);
        }

        Assert.Equal(6000, (int)(await cosmos.QueryAsync("SELECT VALUE COUNT(1) FROM c"))[0]);
        Assert.Equal(2000, (int)(await cosmos.QueryAsync("SELECT VALUE COUNT(1) FROM c WHERE c.kind = 'state'"))[0]);
        Assert.Equal(3000, (int)(await cosmos.QueryAsync("SELECT VALUE COUNT(1) FROM c WHERE c.n >= 3000"))[0]);
        var wanted = Enumerable.Range(0, 6000).Where(i => i % 10 == 0).ToList();
        var found = await cosmos.Items.ReadManyItemsAsync<JObject>([.. wanted.Select(i => (Invariant($"{i}"), new PartitionKey(Invariant($"p{i / 50}"))))]);
        Assert.Equal(wanted, found.Select(doc => (int)doc["n"]!).Order());
    }
}

using Microsoft.Azure.Cosmos;
using Newtonsoft.Json.Linq;

namespace Pipeline.Tests;

/// <summary>Bodies that are not in memory are the same as those that are, wherever compaction moved them.</summary>
public sealed class BodyCacheTests : IDisposable
{
    private static readonly PartitionKey P = new("p");
    private readonly string _directory = Directory.CreateTempSubdirectory("cosmos").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData(0)]
    [InlineData(3000)]
    public async Task Every_way_to_a_document_finds_its_body(int cacheBytes)
    {
        foreach (var isNew in new[] { true, false })
        {
            using var cosmos = new LocalCosmos(_directory, bodyCacheBytes: cacheBytes);
            for (var i = 0; isNew && i < 30; i++)
                await cosmos.CreateAsync("p", Invariant($"{i:d2}"), "state", new { n = i, text = new string('x', 200) });
            if (isNew)
            {
                await cosmos.Items.PatchItemAsync<JObject>("07", P, [PatchOperation.Set("/n", 700)]);
                using var batch = await cosmos.Items.CreateTransactionalBatch(P).DeleteItem("08").UpsertItem(LocalCosmos.Doc("p", "09", "state", new { n = 900 }))
                    .CreateItem(LocalCosmos.Doc("p", "30", "state", new { n = 30 })).ExecuteAsync();
                Assert.True(batch.IsSuccessStatusCode);
            }

            Assert.Equal(12, (int)(await cosmos.Items.ReadItemAsync<JObject>("12", P)).Resource["n"]!);
            Assert.Equal(["07", "09"], (await cosmos.QueryAsync("SELECT * FROM c WHERE c.n > 100")).Select(d => (string)d["id"]!));
            var feed = cosmos.Items.GetChangeFeedIterator<JObject>(ChangeFeedStartFrom.Beginning(), ChangeFeedMode.LatestVersion);
            Assert.Equal(
                Enumerable.Range(0, 31).Where(i => i != 8).Select(i => i is 7 or 9 ? i * 100 : i),
                (await feed.ReadNextAsync()).OrderBy(d => (string)d["id"]!).Select(d => (int)d["n"]!));
        }
    }

    [Fact]
    public async Task Compaction_moves_bodies()
    {
        // Two documents of half a megabyte, written until the journal is compacted, and one that stays where it was first.
        using var cosmos = new LocalCosmos(_directory, bodyCacheBytes: 0);
        await cosmos.CreateAsync("p", "old", "state", new { text = "still here" });
        var text = new string('x', 500_000);
        var longest = 0L;
        for (var i = 0; cosmos.Endpoint.JournalBytes >= longest; i++)
        {
            Assert.True(i < 1000, "The journal is never compacted.");
            longest = cosmos.Endpoint.JournalBytes;
            await cosmos.Items.UpsertItemAsync(LocalCosmos.Doc("p", i % 2 == 0 ? "even" : "odd", "state", new { i, text }), P, new ItemRequestOptions { EnableContentResponseOnWrite = false });
        }

        Assert.Equal("still here", (string)(await cosmos.Items.ReadItemAsync<JObject>("old", P)).Resource["text"]!);
        Assert.Equal(text, (string)(await cosmos.Items.ReadItemAsync<JObject>("odd", P)).Resource["text"]!);
        await cosmos.CreateAsync("p", "new", "state", new { text = "after" });
        Assert.Equal("after", (string)(await cosmos.Items.ReadItemAsync<JObject>("new", P)).Resource["text"]!);
    }
}

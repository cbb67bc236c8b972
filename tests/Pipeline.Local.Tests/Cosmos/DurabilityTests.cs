using System.Net;
using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.Logging.Abstractions;
using Newtonsoft.Json.Linq;
using Pipeline.Local.Cosmos;
using Pipeline.Local.Testing;
using static Pipeline.Tests.LocalCosmos;

namespace Pipeline.Tests;

public sealed class DurabilityTests : IDisposable
{
    private static readonly PartitionKey P = new("p");
    private readonly string _directory = Directory.CreateTempSubdirectory("cosmos").FullName;

    private string JournalPath => Path.Combine(_directory, "cosmos.journal");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Restart_keeps_everything()
    {
        var clock = new ManualTimeProvider();
        string before;
        string rid;
        using (var cosmos = new LocalCosmos(_directory, clock))
        {
            await cosmos.CreateAsync("p", "a", "state", new { text = "äöü" });
            await cosmos.CreateAsync("p", "gone");
            await cosmos.CreateAsync("p", "expiring", more: new { ttl = 60 });
            await cosmos.Items.DeleteItemAsync<JObject>("gone", P);
            await cosmos.Items.UpsertItemAsync(Doc("p", "a", "state", new { text = "new" }), P);
            using var batch = await cosmos.Items.CreateTransactionalBatch(P)
                .CreateItem(Doc("p", "b")).CreateItem(Doc("p", "c")).DeleteItem("b").ExecuteAsync();
            Assert.True(batch.IsSuccessStatusCode);
            await cosmos.Client.CreateDatabaseAsync("dropped");
            await cosmos.Client.GetDatabase("dropped").DeleteAsync();
            await cosmos.Client.GetDatabase("db").CreateContainerAsync("dropped", "/pk");
            await cosmos.Client.GetContainer("db", "dropped").DeleteContainerAsync();
            before = await StateAsync(cosmos);
            rid = (await cosmos.Items.ReadContainerAsync()).Resource.SelfLink;
        }

        using (var cosmos = new LocalCosmos(_directory, clock))
        {
            Assert.Equal(before, await StateAsync(cosmos));
            Assert.Equal(rid, (await cosmos.Items.ReadContainerAsync()).Resource.SelfLink);
            var etag = (await cosmos.Items.ReadItemAsync<JObject>("c", P)).ETag;
            var next = await cosmos.Items.ReplaceItemAsync(Doc("p", "c"), "c", P, new ItemRequestOptions { IfMatchEtag = etag });
            Assert.True((long)next.Resource["_lsn"]! > 6);
            var created = await cosmos.Items.CreateItemAsync(Doc("p", "fresh"), P);
            Assert.DoesNotContain((string)created.Resource["_rid"]!, before, StringComparison.Ordinal);
            await Assert.ThrowsAsync<CosmosException>(() => cosmos.Client.GetDatabase("dropped").ReadAsync());
            await Assert.ThrowsAsync<CosmosException>(() => cosmos.Client.GetContainer("db", "dropped").ReadContainerAsync());
            clock.Advance(TimeSpan.FromSeconds(60));
            Assert.Equal("a c fresh", await cosmos.IdsAsync("SELECT * FROM c ORDER BY c.id", "p"));
        }
    }

    [Fact]
    public async Task Torn_last_record_is_cut_off_and_only_that()
    {
        using (var cosmos = new LocalCosmos(_directory))
        {
            await cosmos.CreateAsync("p", "a");
            await cosmos.CreateAsync("p", "b");
        }

        using (var file = new FileStream(JournalPath, FileMode.Open))
            file.SetLength(file.Length - 5);
        using (var cosmos = new LocalCosmos(_directory))
        {
            Assert.Equal("a", await cosmos.IdsAsync("SELECT * FROM c", "p"));
            await cosmos.CreateAsync("p", "b");
        }

        using (var cosmos = new LocalCosmos(_directory))
            Assert.Equal("a b", await cosmos.IdsAsync("SELECT * FROM c", "p"));
    }

    [Fact]
    public async Task Journal_that_cannot_be_written_answers_503_and_changes_nothing()
    {
        using var cosmos = new LocalCosmos(_directory);
        var first = await cosmos.Items.CreateItemAsync(Doc("p", "a", more: new { n = 1 }), P);
        cosmos.Endpoint.Store.FailNextAppend();
        var failure = await Assert.ThrowsAsync<CosmosException>(() => cosmos.Items.UpsertItemAsync(Doc("p", "a", more: new { n = 2 }), P));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, failure.StatusCode);
        Assert.Contains("nothing was changed", failure.Message, StringComparison.Ordinal);
        var read = await cosmos.Items.ReadItemAsync<JObject>("a", P);
        Assert.Equal((1, first.ETag), ((int)read.Resource["n"]!, read.ETag));
    }

    [Fact]
    public async Task Compaction_keeps_the_live_state_and_bounds_the_file()
    {
        string before;
        using (var cosmos = new LocalCosmos(_directory))
        {
            await cosmos.CreateAsync("q", "old", "state");
            using (await cosmos.Items.CreateTransactionalBatch(P).CreateItem(Doc("p", "x")).CreateItem(Doc("p", "y")).ExecuteAsync())
            {
            }

            await cosmos.Client.CreateDatabaseAsync("last");
            await cosmos.Client.GetDatabase("last").DeleteAsync();
            var options = new ItemRequestOptions { EnableContentResponseOnWrite = false };
            for (var i = 0; i < 80; i++)
                await cosmos.Items.UpsertItemAsync(Doc("p", "large", more: new { i, text = new string('x', 1_000_000) }), P, options);
            Assert.InRange(cosmos.Endpoint.JournalBytes, 1_000_000, 64 * 1024 * 1024);
            before = await StateAsync(cosmos);
        }

        using (var cosmos = new LocalCosmos(_directory))
        {
            Assert.Equal(before, await StateAsync(cosmos));
            var database = (await cosmos.Client.CreateDatabaseAsync("next")).Resource;
            Assert.Equal("AAAAAw==", (string?)JObject.FromObject(database)["_rid"]);
        }
    }

    [Fact]
    public void Second_process_on_the_same_data_is_refused()
    {
        using var cosmos = new LocalCosmos(_directory);
        Assert.Throws<IOException>(() => CosmosEndpoint.Open(_directory, TimeProvider.System, NullLogger.Instance));
    }

    /// <summary>Everything a client can see of the items, system properties and feed order included.</summary>
    private static async Task<string> StateAsync(LocalCosmos cosmos)
    {
        var feed = cosmos.Items.GetChangeFeedIterator<JObject>(ChangeFeedStartFrom.Beginning(), ChangeFeedMode.Incremental);
        var page = await feed.ReadNextAsync();
        var documents = string.Join('\n', page.Select(doc => doc.ToString(Newtonsoft.Json.Formatting.None)));
        return $"{documents}\n{page.ContinuationToken}\n{page.Headers.Session}";
    }
}

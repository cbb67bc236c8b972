using System.Net;
using Microsoft.Azure.Cosmos;
using Newtonsoft.Json.Linq;
using Pipeline.Local.Cosmos;
using static Pipeline.Tests.LocalCosmos;

namespace Pipeline.Tests;

public sealed class BatchTests : IDisposable
{
    private static readonly PartitionKey P = new("p");
    private readonly LocalCosmos _cosmos = new();

    private Container Items => _cosmos.Items;

    public void Dispose() => _cosmos.Dispose();

    [Fact]
    public async Task All_operations_commit_together()
    {
        await _cosmos.CreateAsync("p", "patched", more: new { n = 1 });
        await _cosmos.CreateAsync("p", "deleted");
        var head = await Items.CreateItemAsync(Doc("p", "head"), P);

        using var response = await Items.CreateTransactionalBatch(P)
            .CreateItem(Doc("p", "created"))
            .ReadItem("created")
            .PatchItem("patched", [PatchOperation.Increment("/n", 1)])
            .DeleteItem("deleted")
            .ReplaceItem("head", Doc("p", "head", more: new { n = 2 }), new TransactionalBatchItemRequestOptions { IfMatchEtag = head.ETag })
            .UpsertItem(Doc("p", "upserted"), new TransactionalBatchItemRequestOptions { EnableContentResponseOnWrite = false })
            .ExecuteAsync();

        Assert.True(response.IsSuccessStatusCode, response.ErrorMessage);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal([201, 200, 200, 204, 200, 201], response.Select(result => (int)result.StatusCode));
        Assert.Equal("created", (string?)response.GetOperationResultAtIndex<JObject>(1).Resource["id"]);
        Assert.Equal(2, (int)response.GetOperationResultAtIndex<JObject>(2).Resource["n"]!);
        Assert.Null(response.GetOperationResultAtIndex<JObject>(5).Resource);
        Assert.True(response.RequestCharge > 0);
        Assert.Equal("created head patched upserted", await _cosmos.IdsAsync("SELECT * FROM c ORDER BY c.id", "p"));
        var read = await Items.ReadItemAsync<JObject>("upserted", P);
        Assert.Equal(response[5].ETag, read.ETag);
        var lsns = await _cosmos.QueryAsync("SELECT VALUE c._lsn FROM c WHERE c.id IN ('created', 'head', 'patched', 'upserted')", "p");
        Assert.Single(lsns.Select(lsn => (long)lsn).Distinct());
    }

    [Fact]
    public async Task One_failure_leaves_nothing_behind()
    {
        await _cosmos.CreateAsync("p", "exists");
        await _cosmos.CreateAsync("p", "deleted");
        using var response = await Items.CreateTransactionalBatch(P)
            .CreateItem(Doc("p", "new"))
            .DeleteItem("deleted")
            .CreateItem(Doc("p", "exists"))
            .CreateItem(Doc("p", "after"))
            .ExecuteAsync();

        Assert.Equal(HttpStatusCode.Conflict, response.StatusCode);
        Assert.Equal([424, 424, 409, 424], response.Select(result => (int)result.StatusCode));
        Assert.Equal("deleted exists", await _cosmos.IdsAsync("SELECT * FROM c ORDER BY c.id", "p"));
    }

    [Theory]
    [InlineData(412)]
    [InlineData(404)]
    [InlineData(400)]
    public async Task Failing_operation_keeps_its_status(int status)
    {
        await _cosmos.CreateAsync("p", "head");
        var stale = new TransactionalBatchItemRequestOptions { IfMatchEtag = "\"stale\"" };
        var batch = Items.CreateTransactionalBatch(P).CreateItem(Doc("p", "new"));
        batch = status switch
        {
            412 => batch.ReplaceItem("head", Doc("p", "head"), stale),
            404 => batch.ReadItem("none"),
            _ => batch.CreateItem(Doc("q", "elsewhere")),
        };
        using var response = await batch.ExecuteAsync();
        Assert.Equal([424, status], response.Select(result => (int)result.StatusCode));
        Assert.Equal("head", await _cosmos.IdsAsync("SELECT * FROM c", "p"));
    }

    [Fact]
    public async Task Operations_see_what_earlier_ones_did()
    {
        using var response = await Items.CreateTransactionalBatch(P)
            .CreateItem(Doc("p", "a", more: new { n = 1 }))
            .PatchItem("a", [PatchOperation.Increment("/n", 1)])
            .CreateItem(Doc("p", "b"))
            .DeleteItem("b")
            .CreateItem(Doc("p", "b", more: new { n = 7 }))
            .ExecuteAsync();
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("[2,7]", new JArray(await _cosmos.QueryAsync("SELECT VALUE c.n FROM c ORDER BY c.id", "p")).ToString(Newtonsoft.Json.Formatting.None));
        Assert.Equal(response[1].ETag, (await Items.ReadItemAsync<JObject>("a", P)).ETag);
    }

    [Fact]
    public async Task More_than_100_operations_or_2_MB_are_refused()
    {
        var batch = Items.CreateTransactionalBatch(P);
        for (var i = 0; i < 100; i++)
            batch.CreateItem(Doc("p", Invariant($"{i}")));
        using (var hundred = await batch.ExecuteAsync())
            Assert.Equal(HttpStatusCode.OK, hundred.StatusCode);

        batch = Items.CreateTransactionalBatch(P);
        for (var i = 0; i < 101; i++)
            batch.UpsertItem(Doc("p", Invariant($"{i}")));
        using (var more = await batch.ExecuteAsync())
            Assert.Equal(HttpStatusCode.BadRequest, more.StatusCode);

        batch = Items.CreateTransactionalBatch(P);
        for (var i = 0; i < 3; i++)
            batch.UpsertItem(Doc("p", Invariant($"large{i}"), more: new { text = new string('x', 800_000) }));
        using (var large = await batch.ExecuteAsync())
            Assert.Equal(HttpStatusCode.RequestEntityTooLarge, large.StatusCode);
        Assert.Equal(100, (await _cosmos.QueryAsync("SELECT * FROM c", "p")).Count);
    }

    [Fact]
    public async Task Lost_reply_after_commit_is_told_by_sending_the_batch_again()
    {
        await _cosmos.CreateAsync("p", "warm");
        var lost = 0;
        _cosmos.Endpoint.OnRequest = request => new(
            request.Resource == CosmosResource.Batch && request.PartitionKey == """["p"]""" && lost++ == 0
                ? CosmosFault.LoseReplyAfterExecuting
                : CosmosFault.None);
        TransactionalBatch Batch() => Items.CreateTransactionalBatch(P).CreateItem(Doc("p", "inbox")).UpsertItem(Doc("p", "state"));

        await Assert.ThrowsAsync<HttpRequestException>(() => Batch().ExecuteAsync());
        Assert.Equal(1, lost);
        using var again = await Batch().ExecuteAsync();
        Assert.Equal([409, 424], again.Select(result => (int)result.StatusCode));
    }

    [Fact]
    public async Task Throttled_batch_is_sent_again_by_the_sdk()
    {
        var throttled = 0;
        _cosmos.Endpoint.OnRequest = request => new(
            request.Resource == CosmosResource.Batch && throttled++ == 0
                ? CosmosFault.Reply(429, 3200, TimeSpan.FromMilliseconds(1))
                : CosmosFault.None);
        using var response = await Items.CreateTransactionalBatch(P).CreateItem(Doc("p", "a")).ExecuteAsync();
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(2, throttled);
    }

    [Fact]
    public async Task Bulk_operations_stand_alone()
    {
        using var client = new CosmosClient("http://localhost:8081/", Key, new CosmosClientOptions
        {
            ConnectionMode = ConnectionMode.Gateway,
            LimitToEndpoint = true,
            AllowBulkExecution = true,
            HttpClientFactory = () => new HttpClient(_cosmos.Endpoint.CreateHandler()),
        });
        var items = client.GetContainer("db", "items");
        await _cosmos.CreateAsync("p1", "7");
        var failures = 0;
        await Task.WhenAll(Enumerable.Range(0, 50).Select(async i =>
        {
            try
            {
                await items.CreateItemAsync(Doc(Invariant($"p{i % 3}"), Invariant($"{i}")), new PartitionKey(Invariant($"p{i % 3}")));
            }
            catch (CosmosException e) when (e.StatusCode == HttpStatusCode.Conflict)
            {
                Interlocked.Increment(ref failures);
            }
        }));
        Assert.Equal(1, failures);
        Assert.Equal(50, (await _cosmos.QueryAsync("SELECT * FROM c")).Count);
    }
}

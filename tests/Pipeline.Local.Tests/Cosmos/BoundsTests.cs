using System.Net;
using Microsoft.Azure.Cosmos;
using Newtonsoft.Json.Linq;
using Pipeline.Local.Cosmos;
using static Pipeline.Tests.LocalCosmos;

namespace Pipeline.Tests;

/// <summary>What flows through leaves nothing behind, and many who wait do not fall over.</summary>
public sealed class BoundsTests : IDisposable
{
    private static readonly PartitionKey P = new("p");
    private readonly string _directory = Directory.CreateTempSubdirectory("cosmos").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Ten_thousand_requests_wait_and_are_all_answered()
    {
        const int Waiting = 10_000;
        using var cosmos = new LocalCosmos();
        await cosmos.CreateAsync("p", "first");
        var arrived = 0;
        var all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        cosmos.Endpoint.OnRequest = async _ =>
        {
            if (Interlocked.Increment(ref arrived) == Waiting)
                all.SetResult();
            await release.Task;
            return CosmosFault.None;
        };
        var options = new ItemRequestOptions { EnableContentResponseOnWrite = false };
        var writes = Enumerable.Range(0, Waiting).Select(i => cosmos.Items.CreateItemAsync(Doc(Invariant($"p{i % 100}"), Invariant($"{i}")), new PartitionKey(Invariant($"p{i % 100}")), options)).ToList();
        await all.Task.WaitAsync(TimeSpan.FromMinutes(2));

        // They hold up nobody who comes now.
        cosmos.Endpoint.OnRequest = null;
        Assert.Equal("first", (string)(await cosmos.Items.ReadItemAsync<JObject>("first", P)).Resource["id"]!);
        Assert.DoesNotContain(writes, write => write.IsCompleted);
        release.SetResult();
        Assert.All(await Task.WhenAll(writes), response => Assert.Equal(HttpStatusCode.Created, response.StatusCode));
        Assert.Equal(Waiting + 1, (int)(await cosmos.QueryAsync("SELECT VALUE COUNT(1) FROM c"))[0]);
    }

    /// <summary>As outbox records do: written, read by the change feed, deleted.</summary>
    [Fact]
    public async Task Documents_that_come_and_go_leave_neither_journal_nor_index_behind()
    {
        const int Rounds = 400;
        using var cosmos = new LocalCosmos(_directory);
        var text = new string('x', 4000);
        long written = 0;
        for (var round = 0; round < Rounds; round++)
        {
            var creates = cosmos.Items.CreateTransactionalBatch(P);
            var deletes = cosmos.Items.CreateTransactionalBatch(P);
            for (var i = 0; i < 50; i++)
            {
                creates.CreateItem(Doc("p", Invariant($"{round}-{i}"), "outbox", new { text }), new TransactionalBatchItemRequestOptions { EnableContentResponseOnWrite = false });
                deletes.DeleteItem(Invariant($"{round}-{i}"));
                written += text.Length;
            }

            using var created = await creates.ExecuteAsync();
            using var deleted = await deletes.ExecuteAsync();
            Assert.True(created.IsSuccessStatusCode && deleted.IsSuccessStatusCode);
        }

        // Compaction begins at 64 MB, which is less than what was written.
        Assert.True(written > 72 * 1024 * 1024);
        Assert.InRange(cosmos.Endpoint.JournalBytes, 1, 65 * 1024 * 1024);
        var container = cosmos.Endpoint.ContainerOf("db", "items");
        Assert.Equal((0, 0), (container.Count, container.LiveBytes));
        Assert.Empty(container.Index.Changes(container, -1));
    }
}

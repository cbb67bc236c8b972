using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.DependencyInjection;
using Pipeline.Local;
using Pipeline.TestFunctions;

namespace Pipeline.Tests.Hosting;

public sealed class CosmosTriggerTests
{
    [Theory]
    [InlineData("FeedElements")]
    [InlineData("FeedTyped")]
    [InlineData("FeedArray")]
    [InlineData("FeedList")]
    [InlineData("FeedText")]
    public async Task Changes_are_bound_to_the_parameter_type(string function)
    {
        await using var platform = TestPlatform.Open();
        await using var host = await TestHost.StartAsync(platform, function);
        await WriteAsync(platform, "a");
        Assert.Equal(["a"], await host.Probe.WaitAsync(1));
    }

    [Fact]
    public async Task Feed_starts_from_now_unless_told_to_start_from_the_beginning()
    {
        await using var platform = TestPlatform.Open();
        await WriteAsync(platform, "old");

        // The SDK's "now" is a time in whole seconds, and a second early.
        var start = DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 2;
        while (DateTimeOffset.UtcNow.ToUnixTimeSeconds() <= start)
            await Task.Delay(50);
        await using var host = await TestHost.StartAsync(platform, "FeedElements,FeedOfAll");
        await host.Probe.WaitAsync(seen => seen.Contains("all old"));
        await WriteUntilSeenAsync(platform, host.Probe, "new");
        Assert.DoesNotContain("old", host.Probe.Seen);
    }

    [Fact]
    public async Task Batch_whose_function_throws_is_skipped_and_stays_so_after_a_restart()
    {
        await using var platform = TestPlatform.Open();
        await using (var host = await TestHost.StartAsync(platform, "FeedElements"))
        {
            host.Probe.OnSeen = line => line == "a" ? throw new InvalidOperationException("planted") : Task.CompletedTask;
            await WriteAsync(platform, "a");
            await host.Probe.WaitAsync(1);
            await WriteUntilSeenAsync(platform, host.Probe, "b");
            Assert.Single(host.Probe.Seen, "a");
            Assert.Contains(host.Log.Lines, line => line.StartsWith("Error", StringComparison.Ordinal) && line.Contains("is skipped", StringComparison.Ordinal));
        }

        await using var second = await TestHost.StartAsync(platform, "FeedElements");
        await WriteUntilSeenAsync(platform, second.Probe, "c");
        Assert.DoesNotContain("a", second.Probe.Seen);
    }

    [Fact]
    public async Task Unbounded_retry_runs_the_batch_again_in_place_until_it_succeeds()
    {
        await using var platform = TestPlatform.Open();
        await using var host = await TestHost.StartAsync(platform, "FeedUnbounded");
        host.Probe.OnSeen = line => line is "a -" or "a 1/-1" or "a 2/-1" ? throw new InvalidOperationException("planted") : Task.CompletedTask;
        await WriteAsync(platform, "a");
        await host.Probe.WaitAsync(1);
        await WriteAsync(platform, "b");
        var seen = await host.Probe.WaitAsync(s => s.Contains("b -"));
        Assert.Equal(["a -", "a 1/-1", "a 2/-1", "a 3/-1", "b -"], seen);
    }

    [Fact]
    public async Task Batch_is_skipped_when_its_retries_are_used_up()
    {
        await using var platform = TestPlatform.Open();
        await using var host = await TestHost.StartAsync(platform, "FeedRetryTwice");
        host.Probe.OnSeen = line => line.StartsWith('a') ? throw new InvalidOperationException("planted") : Task.CompletedTask;
        await WriteAsync(platform, "a");
        await host.Probe.WaitAsync(3);
        await WriteUntilSeenAsync(platform, host.Probe, "b -", "b");
        Assert.Equal(["a -", "a 1/2", "a 2/2"], host.Probe.Seen.Take(3));
        Assert.Equal(3, host.Probe.Seen.Count(line => line.StartsWith('a')));
    }

    [Fact]
    public async Task Batch_that_fails_while_the_host_stops_is_not_checkpointed()
    {
        await using var platform = TestPlatform.Open();
        var host = await TestHost.StartAsync(platform, "FeedElements");
        var fail = new TaskCompletionSource();
        host.Probe.OnSeen = _ => fail.Task;
        await WriteAsync(platform, "a");
        await host.Probe.WaitAsync(1);
        var stopping = host.DisposeAsync().AsTask();
        fail.SetException(new OperationCanceledException("as a function does that is told to stop"));
        await stopping;

        await using var second = await TestHost.StartAsync(platform, "FeedElements");
        Assert.Equal("a", (await second.Probe.WaitAsync(1))[0]);
    }

    [Fact]
    public async Task Shutdown_waits_for_a_running_batch_and_checkpoints_it()
    {
        await using var platform = TestPlatform.Open();
        var host = await TestHost.StartAsync(platform, "FeedElements");
        var done = new TaskCompletionSource();
        host.Probe.OnSeen = _ => done.Task;
        await WriteAsync(platform, "a");
        await host.Probe.WaitAsync(1);
        var stopping = host.DisposeAsync().AsTask();
        await Task.Delay(100);
        Assert.False(stopping.IsCompleted);
        done.SetResult();
        await stopping;

        await using var second = await TestHost.StartAsync(platform, "FeedElements");
        await WriteUntilSeenAsync(platform, second.Probe, "b");
        Assert.DoesNotContain("a", second.Probe.Seen);
    }

    [Fact]
    public async Task Retry_delay_ends_at_once_when_the_host_stops()
    {
        await using var platform = TestPlatform.Open();
        var host = await TestHost.StartAsync(platform, "FeedRetryLater");
        host.Probe.OnSeen = _ => throw new InvalidOperationException("planted");
        await WriteAsync(platform, "a");
        await host.Probe.WaitAsync(1);
        await host.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30));
        await using var second = await TestHost.StartAsync(platform, "FeedRetryLater");
        Assert.Equal("a -", (await second.Probe.WaitAsync(1))[0]);
    }

    [Fact]
    public async Task Only_one_of_two_hosts_has_a_lease_and_the_other_takes_over_where_it_stopped()
    {
        await using var platform = TestPlatform.Open();
        var probe = new Probe();
        var first = await TestHost.StartAsync(platform, "FeedElements", probe: probe);
        await using var second = await TestHost.StartAsync(platform, "FeedElements", probe: probe);
        await WriteAsync(platform, "a");
        await probe.WaitAsync(1);
        await first.DisposeAsync();
        await WriteAsync(platform, "b");
        Assert.Equal(["a", "b"], await probe.WaitAsync(2));
    }

    [Fact]
    public async Task After_a_crash_the_next_run_has_the_leases_at_once_and_repeats_what_was_not_checkpointed()
    {
        var directory = Directory.CreateTempSubdirectory("worker-crash-");
        try
        {
            var crashed = TestPlatform.Open(directory: directory.FullName);
            var first = await TestHost.StartAsync(crashed, "FeedElements");
            first.Probe.OnSeen = line => line == "b" ? new TaskCompletionSource().Task : Task.CompletedTask;
            await WriteUntilSeenAsync(crashed, first.Probe, "a");
            await WriteUntilSeenAsync(crashed, first.Probe, "b");
            crashed.Kill();

            await using (var platform = TestPlatform.Open(directory: directory.FullName))
            {
                await using var second = await TestHost.StartAsync(platform, "FeedElements");
                Assert.Equal("b", (await second.Probe.WaitAsync(1))[0]);
            }

            await first.App.DisposeAsync();
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task One_host_per_function_on_one_platform()
    {
        await using var platform = TestPlatform.Open();
        await using var elements = await TestHost.StartAsync(platform, "FeedElements");
        await using var all = await TestHost.StartAsync(platform, "FeedOfAll");
        await WriteAsync(platform, "a");
        Assert.Equal(["a"], await elements.Probe.WaitAsync(1));
        Assert.Equal(["all a"], await all.Probe.WaitAsync(1));
    }

    [Fact]
    public async Task Items_per_invocation_are_limited_but_a_transaction_is_not_split()
    {
        await using var platform = TestPlatform.Open();
        using var client = Client(platform);
        var items = client.GetContainer("db", "items");
        for (var i = 0; i < 3; i++)
        {
            var batch = items.CreateTransactionalBatch(new PartitionKey("p"));
            foreach (var id in (string[])["x", "y"])
                batch.CreateItem(new { id = Invariant($"{id}{i}"), pk = "p" });
            Assert.True((await batch.ExecuteAsync()).IsSuccessStatusCode);
        }

        await using var host = await TestHost.StartAsync(platform, "FeedOneByOne");
        var seen = await host.Probe.WaitAsync(3);
        Assert.All(seen, line => Assert.Equal(2, line.Split(',').Length));
    }

    [Fact]
    public async Task App_reaches_the_account_through_its_own_http_client_factory()
    {
        await using var platform = TestPlatform.Open();
        await using var host = await TestHost.StartAsync(platform, "HttpDefaults");
        var clients = host.App.Services.GetRequiredService<IHttpClientFactory>();
        using var client = new CosmosClient(platform.CosmosConnectionString, new CosmosClientOptions
        {
            ConnectionMode = ConnectionMode.Gateway,
            LimitToEndpoint = true,
            HttpClientFactory = () => clients.CreateClient("Cosmos"),
        });
        await client.GetContainer("db", "items").CreateItemAsync(new { id = "a", pk = "a" }, new PartitionKey("a"));
    }

    internal static async Task WriteAsync(LocalPlatform platform, string id)
    {
        using var client = Client(platform);
        await client.GetContainer("db", "items").UpsertItemAsync(new { id, pk = id }, new PartitionKey(id));
    }

    // A feed without lease starts from "now", which is when its lease is made.
    private static async Task WriteUntilSeenAsync(LocalPlatform platform, Probe probe, string line, string? id = null)
    {
        await WriteAsync(platform, id ?? line);
        await probe.WaitAsync(seen => seen.Contains(line));
    }

    private static CosmosClient Client(LocalPlatform platform) => new(platform.CosmosConnectionString, new CosmosClientOptions
    {
        ConnectionMode = ConnectionMode.Gateway,
        LimitToEndpoint = true,
        HttpClientFactory = () => new HttpClient(platform.CreateCosmosHandler()),
    });
}

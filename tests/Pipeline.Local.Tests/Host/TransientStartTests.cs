using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Pipeline.Local;
using Pipeline.Local.Cosmos;

namespace Pipeline.Tests.Hosting;

/// <summary>What may be over soon does not keep a host from starting, and what does is told, whatever the clean-up does.</summary>
public sealed class TransientStartTests
{
    [Theory]
    [InlineData(503)]
    [InlineData(429)]
    [InlineData(408)]
    public async Task A_change_feed_that_cannot_be_read_at_the_start_is_read_later(int status)
    {
        await using var platform = TestPlatform.Open();
        platform.Cosmos.OnRequest = _ => new(CosmosFault.Reply(status));
        await using var host = await TestHost.StartAsync(platform, "FeedOfAll,HttpDefaults");
        Assert.Contains(host.Log.Lines, line => line.Contains("cannot be read yet (Cosmos DB answers", StringComparison.Ordinal));
        Assert.Contains("HttpDefaults", await host.Http.GetStringAsync("/"), StringComparison.Ordinal);

        platform.Cosmos.OnRequest = null;
        await WriteAsync(platform, "1");
        Assert.Equal(["all 1"], await host.Probe.WaitAsync(1));
    }

    [Fact]
    public async Task A_host_that_still_tries_to_start_a_change_feed_stops_at_once()
    {
        await using var platform = TestPlatform.Open();
        platform.Cosmos.OnRequest = _ => new(CosmosFault.Reply(503));
        var host = await TestHost.StartAsync(platform, "FeedOfAll,FeedElements");
        await host.DisposeAsync();
        Assert.DoesNotContain(host.Log.Lines, line => line.StartsWith("Error:", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_change_feed_that_does_not_exist_ends_the_start_with_its_name()
    {
        await using var platform = TestPlatform.Open();
        var error = await Assert.ThrowsAsync<StartupException>(() => TestHost.StartAsync(platform, "FeedOfNothing,FeedElements"));
        Assert.Contains("FeedOfNothing: the change feed of db/nothing cannot be read (NotFound)", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_cause_of_a_failed_start_is_not_hidden_by_the_clean_up()
    {
        await using var platform = TestPlatform.Open();
        var host = TestHost.Build(platform, "FeedElements", builder => builder.Services.AddHostedService<FailingService>());
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => host.App.StartAsync());
        await host.App.DisposeAsync();
        Assert.Equal("the cause", error.Message);

        // What the process says, with exit code 1, if the app does not catch it.
        Assert.Equal("The host cannot start: InvalidOperationException: the cause", StartupException.MessageOf(error));
        Assert.Null(StartupException.MessageOf(new InvalidOperationException("a crash")));
    }

    private static async Task WriteAsync(LocalPlatform platform, string id)
    {
        using var client = new CosmosClient(platform.CosmosConnectionString, new CosmosClientOptions
        {
            ConnectionMode = ConnectionMode.Gateway,
            LimitToEndpoint = true,
            HttpClientFactory = () => new HttpClient(platform.CreateCosmosHandler()),
        });
        await client.GetContainer("db", "items").CreateItemAsync(new { id, pk = "p" }, new PartitionKey("p"));
    }

    /// <summary>Fails when it is started, and again when it is disposed of.</summary>
    private sealed class FailingService : IHostedService, IDisposable
    {
        public Task StartAsync(CancellationToken cancellationToken) => throw new InvalidOperationException("the cause");

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public void Dispose() => throw new NotSupportedException("the clean-up");
    }
}

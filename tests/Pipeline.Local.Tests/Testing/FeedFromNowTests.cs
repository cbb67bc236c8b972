using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.DependencyInjection;
using Pipeline.Local.Testing;
using Pipeline.TestFunctions;

namespace Pipeline.Tests.Testing;

/// <summary>A change feed that is read from now on, as triggers do by default: "now" is when the host has started, not later.</summary>
public sealed class FeedFromNowTests
{
    private readonly Probe _probe = new();

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task What_is_written_after_the_start_is_handled(int partitions)
    {
        await using var host = await StartAsync(partitions);

        await WriteAsync(host, "1", "2", "3");
        await host.WaitUntilQuietAsync();
        await WriteAsync(host, "4");
        await host.WaitUntilQuietAsync();

        Assert.Equal(["from now 1", "from now 2", "from now 3", "from now 4"], _probe.Seen.Order());
    }

    [Fact]
    public async Task What_is_written_after_a_deployment_is_handled_by_the_new_host()
    {
        await using var host = await StartAsync(partitions: 1);

        await host.ReplaceHostAsync(host.Host);
        await WriteAsync(host, "1");
        await host.WaitUntilQuietAsync();

        Assert.Equal(["from now 1"], _probe.Seen);
    }

    [Fact]
    public async Task What_was_written_before_the_start_is_not_handled()
    {
        await using var host = await StartAsync(partitions: 1, "ph-plain");
        await WriteAsync(host, "1");

        await host.AddHostAsync("ph-feed-now");
        await WriteAsync(host, "2");
        await host.WaitUntilQuietAsync();

        Assert.Equal(["from now 2"], _probe.Seen);
    }

    private static async Task WriteAsync(PipelineHost host, params string[] ids)
    {
        foreach (var id in ids)
            await host.Cosmos.Container("db", "items").UpsertItemAsync(new { id, pk = id }, new PartitionKey(id));
    }

    private Task<PipelineHost> StartAsync(int partitions, string function = "ph-feed-now") => PipelineHost.StartAsync(new PipelineHostOptions
    {
        FunctionsAssembly = typeof(HostFunctions).Assembly,
        Functions = [function],
        TopologyPath = Path.Combine(AppContext.BaseDirectory, "Testing", "ph-topology.json"),
        HostJsonPath = Path.Combine(AppContext.BaseDirectory, "Testing", "parcels-host.json"),
        Configure = builder => builder.Services.AddSingleton(_probe).AddSingleton(TimeProvider.System),
        TimeProvider = new ManualTimeProvider(),
        CosmosPartitions = partitions,
    });
}

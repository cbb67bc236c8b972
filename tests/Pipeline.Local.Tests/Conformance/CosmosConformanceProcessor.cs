using System.Collections.Concurrent;
using Microsoft.Azure.Cosmos;
using Newtonsoft.Json.Linq;

namespace Pipeline.Tests.Conformance;

/// <summary>Two instances of a change feed processor share the physical partitions.</summary>
public sealed class CosmosConformanceProcessor
{
    public static TheoryData<string> Targets => CosmosAccount.Targets;

    [Theory]
    [MemberData(nameof(Targets))]
    public async Task Two_instances_share_the_partitions_and_miss_nothing(string target)
    {
        await using var account = await CosmosAccount.OpenAsync(target);
        var items = await account.ContainerAsync();
        var leases = await account.ContainerAsync(new ContainerProperties { PartitionKeyPath = "/id" });
        var seen = new ConcurrentDictionary<string, bool>(StringComparer.Ordinal);
        var byInstance = new ConcurrentDictionary<string, bool>(StringComparer.Ordinal);
        List<ChangeFeedProcessor> processors = [.. new[] { "one", "two" }.Select(name => items
            .GetChangeFeedProcessorBuilder<JObject>("test", (changes, _) =>
            {
                byInstance[name] = true;
                foreach (var change in changes)
                    seen[(string)change["id"]!] = true;
                return Task.CompletedTask;
            })
            .WithInstanceName(name)
            .WithLeaseContainer(leases)
            .WithLeaseConfiguration(TimeSpan.FromMilliseconds(300), TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(1))
            .WithPollInterval(TimeSpan.FromMilliseconds(50))
            .Build())];
        foreach (var processor in processors)
            await processor.StartAsync();

        // Each round touches all partitions; it goes on until both instances have some of them.
        var count = 0;
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (byInstance.Count < 2 || count < 60)
        {
            Assert.False(patience.IsCancellationRequested, "One instance never got a lease.");
            for (var i = 0; i < 20; i++, count++)
                await items.CreateItemAsync(new { id = Invariant($"{count}"), pk = Invariant($"p{i}") }, new PartitionKey(Invariant($"p{i}")));
        }

        var written = count;
        await LocalCosmos.UntilAsync(() => seen.Count == written, "all changes are seen");
        var stored = await CosmosAccount.QueryAsync(leases, "SELECT * FROM c WHERE IS_DEFINED(c.LeaseToken)");
        Assert.Equal((await items.GetFeedRangesAsync()).Count, stored.Count);
        Assert.Equal(["one", "two"], stored.Select(lease => (string)lease["Owner"]!).Distinct().Order());
        foreach (var processor in processors)
            await processor.StopAsync();
    }
}

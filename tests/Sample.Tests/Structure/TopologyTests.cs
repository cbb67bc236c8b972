using System.Reflection;
using System.Text.Json;
using Microsoft.Azure.Functions.Worker;
using Pipeline.Contracts;
using Pipeline.Contracts.Ordering;
using Pipeline.Functions;
using Pipeline.Services;

namespace Pipeline.Tests;

/// <summary>What no wiring check can tell of entities, triggers and the host's settings.</summary>
public sealed class TopologyTests
{
    private static List<MethodInfo> FunctionMethods { get; } =
    [
        .. Deployment.AppFunctions.Methods.Where(m => m.GetCustomAttribute<FunctionAttribute>() is not null),
    ];

    /// <summary>G7: the window of a move is not closed, nor a version retired, while a consumer gets only that.</summary>
    [Fact]
    public void G7_Every_consumer_gets_a_version_that_is_published()
    {
        Assert.Empty(Forsaken(ContractCatalog.All));

        // Closed too early; and retired, too.
        var v1 = new Contract<OrderPlaced>(
            "com.contoso.ordering.order-placed.v1", ContractKind.StateTransfer, "ordering", ContractJson.Default.OrderPlaced, "{orderId}", e => e.OrderId, isPublic: true).UpcastTo(OrderPlacedVersions.Upcast);
        var v2 = new Contract<OrderPlacedV2>(
            "com.contoso.ordering.order-placed.v2", ContractKind.StateTransfer, "ordering", ContractJson.Default.OrderPlacedV2, "{orderId}", e => e.OrderId, isPublic: true);
        var others = ContractCatalog.All.Where(c => c.Name != "order-placed").ToList();
        string[] expected = ["ordering/shipping gets com.contoso.ordering.order-placed.v1, which is published no more", "notify gets com.contoso.ordering.order-placed.v1, which is published no more"];
        Assert.Equal(expected, Forsaken([.. others, v1, v2]));
        Assert.Equal(expected, Forsaken([.. others, v1.Retired(), v2]));
    }

    [Fact]
    public void The_relays_retry_without_bound_because_the_host_goes_past_a_failed_batch()
    {
        foreach (var method in FunctionMethods.Where(m => m.GetParameters().Any(p => p.GetCustomAttribute<CosmosDBTriggerAttribute>() is not null)))
            Assert.Equal(-1, method.GetCustomAttribute<ExponentialBackoffRetryAttribute>()?.MaxRetryCount);
    }

    [Fact]
    public void The_hosts_settings_are_those_that_sessions_need()
    {
        var host = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "host.json"))).RootElement;
        var serviceBus = host.GetProperty("extensions").GetProperty("serviceBus");
        Assert.Equal(0, serviceBus.GetProperty("prefetchCount").GetInt32());
        Assert.Equal(1, serviceBus.GetProperty("maxConcurrentCallsPerSession").GetInt32());
        Assert.True(serviceBus.GetProperty("maxConcurrentSessions").GetInt32() >= 64);
        Assert.InRange(TimeSpan.Parse(serviceBus.GetProperty("sessionIdleTimeout").GetString()!, CultureInfo.InvariantCulture), TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(1));
        Assert.False(serviceBus.GetProperty("autoCompleteMessages").GetBoolean());

        // The host renews no locks for a batch: what comes with it must be handled within one lock duration.
        Assert.InRange(serviceBus.GetProperty("maxMessageBatchSize").GetInt32(), 1, 100);
    }

    /// <summary>
    /// Consumers that get a version of an event which nobody makes any more, and no other version of it. What is published of an
    /// event is its newest version, and what that is made into for those who read an older one.
    /// </summary>
    private static List<string> Forsaken(IReadOnlyList<Contract> contracts) =>
    [
        .. from consumer in Pipeline.Contracts.ContractCatalog.Topology.Consumers
           from versions in consumer.Types.Select(t => contracts.Single(c => c.Type == t)).GroupBy(c => (c.Owner, c.Name))
           where !versions.Any(c => !c.IsRetired && (c.Upcast is null || contracts.Any(n => n.Downcast?.To == c.DataType)))
           select $"{consumer.Name} gets {string.Join(" and ", versions.Select(v => v.Type))}, which is published no more",
    ];
}

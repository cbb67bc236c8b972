using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.Consumers;
using Pipeline.Contracts.Ordering;
using Pipeline.Functions;
using Pipeline.Messages;
using Pipeline.Services;
using Pipeline.Storage;

namespace Pipeline.Tests.Guide;

/// <summary>What docs/guide/your-own-events.md shows is code that compiles and works.</summary>
public sealed class GuideTests
{
    private static readonly string Root =
        typeof(GuideTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "Root").Value!;

    [Theory]
    [InlineData("contract")]
    [InlineData("handler")]
    [InlineData("trigger")]
    public void The_code_in_the_guide_is_the_code_that_compiles_here(string step)
    {
        var source = File.ReadAllText(Path.Combine(Root, "tests", "Guide", "Loyalty.cs"));
        var start = source.IndexOf($"// Guide: {step}", StringComparison.Ordinal);
        start = source.IndexOf('\n', start) + 1;
        var code = source[start..source.IndexOf("// Guide:", start, StringComparison.Ordinal)].Trim();
        Assert.Contains(code, File.ReadAllText(Path.Combine(Root, "docs", "guide", "your-own-events.md")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_consumer_of_the_guide_stores_and_publishes()
    {
        await using var simulation = new Simulation();
        simulation.Cosmos.EnsureContainer(Names.Database, "loyalty");
        var process = simulation.Start();
        await using (process)
        {
            var store = new CosmosPartitionStore(process.Container("loyalty"), simulation.Clock, new Random(1));
            // Those who have followed the guide have the type in the catalog already.
            var others = Catalog.Messages.All.Where(t => t.Name != "com.contoso.loyalty.points-earned.v1");
            var messages = new MessageCatalog(others.Append(new MessageType
            {
                Name = "com.contoso.loyalty.points-earned.v1",
                DataType = typeof(PointsEarned),
                Kind = MessageKind.Event,
                Destination = "loyalty",
                Key = e => ((PointsEarned)e).OrderId,
                Json = LoyaltyJson.Default.PointsEarned,
            }));
            var runner = new ConsumerRunner(
                LoyaltyPoints.OnOrdering, store, process.Services.GetRequiredService<ConsumerServices>() with { Catalog = messages }, NullLogger<ConsumerRunner>.Instance);

            var settlement = await runner.HandleAsync(Deliveries.Of(new OrderPlaced("o-1", "c-1", "EUR", 42m, [new OrderLine("a", 1, 42m)]), 1), default);

            Assert.Equal(SettlementKind.Complete, settlement.Kind);
            var record = Assert.Single(await Invariants.AllAsync(process.Container("loyalty"), "outbox"));
            var cloudEvent = record.GetProperty("messages")[0].GetProperty("event");
            Assert.Equal("com.contoso.loyalty.points-earned.v1", cloudEvent.GetProperty("type").GetString());
            Assert.Equal("ordering:o-1:1", cloudEvent.GetProperty("causationid").GetString());
        }
    }
}

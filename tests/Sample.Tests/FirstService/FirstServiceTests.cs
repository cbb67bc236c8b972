using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.Commands;
using Pipeline.Consumers;
using Pipeline.Contracts;
using Pipeline.Contracts.Ordering;
using Pipeline.Functions;
using Pipeline.Generation;
using Pipeline.Messages;
using Pipeline.Services;
using Pipeline.Storage;
using Pipeline.Tests.Deployment;

namespace Pipeline.Tests.FirstService;

/// <summary>The code that docs/guide/your-first-service.md shows is code that compiles and works.</summary>
public sealed class FirstServiceTests
{
    private const string Type = "com.contoso.loyalty.points-earned.v1";

    private static Contract<PointsEarned> Earned => new(Type, ContractKind.DomainEvent, "loyalty", TypeInfoOf<PointsEarned>(), "{orderId}", e => e.OrderId);

    [Theory]
    [InlineData("event")]
    [InlineData("service")]
    [InlineData("query")]
    [InlineData("test")]
    public void The_code_in_the_guide_is_the_code_that_compiles_here(string step)
    {
        var source = Repository.Text("tests/Sample.Tests/FirstService/FirstService.cs");
        var start = source.IndexOf('\n', source.IndexOf($"// GUIDE: {step}", StringComparison.Ordinal)) + 1;
        var code = source[start..source.IndexOf("// GUIDE:", start, StringComparison.Ordinal)].Trim();
        Assert.Contains(code, Repository.Text("docs/guide/your-first-service.md"), StringComparison.Ordinal);
    }

    /// <summary>The using directives and namespaces of the guide differ from those here, where all of it is in one file.</summary>
    [Fact]
    public void All_code_in_the_guide_is_here()
    {
        var source = Repository.Text("tests/Sample.Tests/FirstService/FirstService.cs");
        var blocks = Repository.Text("docs/guide/your-first-service.md").Split("```csharp\n").Skip(1).Select(b => b[..b.IndexOf("```", StringComparison.Ordinal)]).ToList();
        Assert.Equal(4, blocks.Count);
        foreach (var line in blocks.SelectMany(b => b.Split('\n')).Where(l => !l.StartsWith("using ", StringComparison.Ordinal) && !l.StartsWith("namespace ", StringComparison.Ordinal)))
            Assert.Contains(line, source, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_service_stores_publishes_and_answers()
    {
        await using var simulation = new Simulation();
        simulation.Cosmos.EnsureContainer(Names.Database, "loyalty");
        await using var process = simulation.Start();
        var store = new CosmosPartitionStore(process.Container("loyalty"), simulation.Clock, new Random(1));

        // Those who have followed the guide have the type in the catalog already.
        var messages = new MessageCatalog(TestedApp.Messages.All.Where(t => t.Name != Type).Append(new MessageType
        {
            Name = Type,
            DataType = typeof(PointsEarned),
            Kind = MessageKind.Event,
            Destination = Earned.Destination,
            Key = Earned.KeyOf,
            Json = Earned.Json,
        }));
        var services = process.Services.GetRequiredService<ConsumerServices>() with { Catalog = messages };
        var runner = new ConsumerRunner(LoyaltyPoints.OnOrdering, store, services, NullLogger<ConsumerRunner>.Instance);

        var settlement = await runner.HandleAsync(Deliveries.Of(new OrderPlaced("o-1", "c-1", "EUR", 42.9m, [new OrderLine("a", 1, 42.9m)]), 1), default);

        Assert.Equal(SettlementKind.Complete, settlement.Kind);
        var cloudEvent = Assert.Single(await Invariants.AllAsync(process.Container("loyalty"), "outbox")).GetProperty("messages")[0].GetProperty("event");
        Assert.Equal((Type, "ordering:o-1:1"), (cloudEvent.GetProperty("type").GetString(), cloudEvent.GetProperty("causationid").GetString()));
        var api = new LoyaltyApi(new CommandRunner<LoyaltyPoints>(store, LoyaltyPoints.Document, services));
        var request = new DefaultHttpContext().Request;
        Assert.Equal(new LoyaltyPoints("o-1", 42), Assert.IsType<JsonHttpResult<LoyaltyPoints>>(await api.Get(request, "o-1", default)).Value);
        Assert.IsType<NotFound>(await api.Get(request, "o-2", default));
    }

    [Fact]
    public void What_is_generated_of_it_is_what_the_guide_says()
    {
        var consumers = Catalog.Consumers.Where(c => c.Service != "loyalty").Append(LoyaltyPoints.OnOrdering).ToList();
        var contracts = ContractCatalog.All.Where(c => c.Type != Type).Append(Earned).ToList();
        var topology = TopologyDocument.Of(contracts, consumers, new Workspace(Repository.Root).Settings());
        var guide = Repository.Text("docs/guide/your-first-service.md");
        foreach (var function in new[] { "ordering-loyalty", "ordering-loyalty-dead-letters", "relay-loyalty" })
        {
            Assert.Contains($"`{function}`", guide, StringComparison.Ordinal);
            Assert.Contains(
                $"[Function(\"{function}\")]",
                TriggerCode.Sessions(consumers, topology, "N") + TriggerCode.DeadLetterQueues(consumers, "N") + RelayCode.Write(contracts, consumers, topology, [], "N"), StringComparison.Ordinal);
        }

        Assert.NotNull(TopologyDocument.Find(topology["cosmos"]!["containers"], "loyalty"));
        Assert.NotNull(TopologyDocument.Find(topology["serviceBus"]!["topics"], "loyalty"));
        Assert.Equal(
            """["com.contoso.ordering.order-placed.v2"]""",
            TopologyDocument.Find(TopologyDocument.Find(topology["serviceBus"]!["topics"], "ordering")!["subscriptions"], "loyalty")!["types"]!.ToJsonString());
        Assert.Equal("data.OrderId", SubjectRule.Code(new DeclaredMessage(typeof(PointsEarned), (MessageAttribute)Attribute.GetCustomAttribute(typeof(PointsEarned), typeof(MessageAttribute))!)));
    }

    /// <summary>As the catalog's own metadata, which is generated for records of the contracts only.</summary>
    private static JsonTypeInfo<T> TypeInfoOf<T>() => (JsonTypeInfo<T>)new System.Text.Json.JsonSerializerOptions(ContractJson.Default.Options) { TypeInfoResolver = new DefaultJsonTypeInfoResolver() }.GetTypeInfo(typeof(T));
}

using System.Text.Json.Nodes;
using Microsoft.Extensions.Configuration;
using Pipeline.Local;
using Pipeline.Local.EventGrid;
using Pipeline.Local.Hosting;
using Pipeline.Local.ServiceBus;

namespace Pipeline.Tests.Hosting;

/// <summary>An app without topology.json gets what its triggers name.</summary>
public sealed class DerivedTopologyTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("pipeline-app-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void What_triggers_name_is_created_with_Azures_defaults()
    {
        WriteMetadata(
            """{"type":"serviceBusTrigger","name":"m","direction":"In","queueName":"%Orders%","connection":"Bus"}""",
            """{"type":"serviceBusTrigger","name":"m","direction":"In","queueName":"%Orders%/$DeadLetterQueue","connection":"Bus"}""",
            """{"type":"serviceBusTrigger","name":"m","direction":"In","topicName":"news","subscriptionName":"all","connection":"Bus","isSessionsEnabled":true}""",
            """{"type":"cosmosDBTrigger","name":"c","direction":"In","databaseName":"shop","containerName":"carts","connection":"Db"}""",
            """{"type":"eventGridTrigger","name":"e","direction":"In"}""",
            """{"type":"timerTrigger","name":"t","direction":"In","schedule":"0 * * * * *"}""");

        var path = DerivedTopology.Write(App, Settings(("Orders", "orders")));

        var bus = BrokerTopology.Read(path);
        Assert.Equal(("orders", false), (Assert.Single(bus.Queues).Name, bus.Queues[0].RequiresSession));
        var subscription = Assert.Single(Assert.Single(bus.Topics).Subscriptions);
        Assert.Equal(("news", "all", true), (bus.Topics[0].Name, subscription.Name, subscription.RequiresSession));
        var cosmos = CosmosTopology.Read(path);
        Assert.Equal(("shop", "leases", "carts", "/id"), (cosmos.Database, cosmos.Leases, Assert.Single(cosmos.Containers).Name, cosmos.Containers[0].PartitionKey));
        var events = Assert.Single(EventGridTopology.Read(path).Subscriptions);
        Assert.Equal(("function-F-4", "F_4"), (events.Name, events.Function));
    }

    [Fact]
    public async Task An_app_without_topology_runs_and_its_subscription_takes_every_message()
    {
        foreach (var file in Directory.EnumerateFiles(ChildHost.Folder).Where(f => Path.GetFileName(f) != "topology.json"))
            File.Copy(file, Path.Combine(_folder, Path.GetFileName(file)));
        WriteMetadata("""{"type":"serviceBusTrigger","name":"message","direction":"In","topicName":"topic","subscriptionName":"sub","connection":"ServiceBus"}""");

        await using var host = new ChildHost("--Local:Functions=OfTopic") { Place = _folder };
        await host.InitializeAsync();
        await using var client = new Azure.Messaging.ServiceBus.ServiceBusClient(host.Platform.ServiceBusConnectionString);
        await client.CreateSender("topic").SendMessageAsync(new("of no type") { MessageId = "m" });
        await host.SeeAsync(seen => seen.Any(line => line.StartsWith("topic of no type", StringComparison.Ordinal)));
    }

    [Fact]
    public void What_cannot_be_made_is_refused_with_what_to_do()
    {
        var neither = Assert.Throws<StartupException>(() => DerivedTopology.Write(App, Settings()));
        Assert.Contains("has neither a topology.json", neither.Message, StringComparison.Ordinal);

        WriteMetadata(
            """{"type":"cosmosDBTrigger","name":"c","direction":"In","databaseName":"shop","containerName":"carts"}""",
            """{"type":"cosmosDBTrigger","name":"c","direction":"In","databaseName":"stock","containerName":"carts"}""");
        var several = Assert.Throws<StartupException>(() => DerivedTopology.Write(App, Settings()));
        Assert.Contains("F_1: the embedded Cosmos DB has one database", several.Message, StringComparison.Ordinal);

        File.WriteAllText(Path.Combine(_folder, "functions.metadata"), """[{"name":"F"}]""");
        Assert.Contains("build the app again", Assert.Throws<StartupException>(() => DerivedTopology.Write(App, Settings())).Message, StringComparison.Ordinal);

        var path = Path.Combine(_folder, "topology.json");
        File.WriteAllText(path, """{"cosmos":{"database":"d","leases":"l","containers":[{"name":"c","partitionKey":"id"}]}}""");
        Assert.Contains("a path such as /id", Assert.Throws<StartupException>(() => CosmosTopology.Read(path)).Message, StringComparison.Ordinal);
    }

    private AppFolder App => new(_folder, _folder, Path.Combine(_folder, "App.dll"));

    private static IConfiguration Settings(params (string Name, string Value)[] settings) =>
        new ConfigurationBuilder().AddInMemoryCollection(settings.Select(s => KeyValuePair.Create(s.Name, (string?)s.Value))).Build();

    /// <summary>One function, F_0 and so on, for each trigger.</summary>
    private void WriteMetadata(params string[] triggers) => File.WriteAllText(
        Path.Combine(_folder, "functions.metadata"),
        new JsonArray([.. triggers.Select((trigger, i) => new JsonObject { ["name"] = Invariant($"F_{i}"), ["bindings"] = new JsonArray(JsonNode.Parse(trigger)) })]).ToJsonString());
}

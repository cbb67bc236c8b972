using System.Text.Json;
using System.Text.RegularExpressions;

namespace Pipeline.Tests.Deployment;

/// <summary>Containers, topics, subscriptions, rules and queues are deployed as topology.json has them.</summary>
public sealed class EntityTests
{
    private const string ServiceBus = "Microsoft.ServiceBus/namespaces";
    private const string Containers = "Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers";

    /// <summary>Azure's own word for "no limit".</summary>
    private const string NoLimit = "P10675199DT2H48M5.4775807S";

    private static readonly JsonElement Cosmos = Repository.Topology.GetProperty("cosmos");
    private static readonly List<JsonElement> Topics = [.. Repository.Topology.GetProperty("serviceBus").GetProperty("topics").EnumerateArray()];
    private static readonly JsonElement Queues = Repository.Topology.GetProperty("serviceBus").GetProperty("queues");

    private static IEnumerable<(string Topic, string Name, JsonElement Subscription)> Subscriptions =>
        Topics.SelectMany(t => t.GetProperty("subscriptions").EnumerateArray().Select(s => (t.GetProperty("name").GetString()!, s.GetProperty("name").GetString()!, s)));

    private static IEnumerable<string> TypesOf(JsonElement subscription) => subscription.GetProperty("types").EnumerateArray().Select(t => t.GetString()!);

    /// <summary>What is in topology.json is written nowhere else.</summary>
    [Fact]
    public void Names_of_containers_topics_subscriptions_and_queues_come_from_topology_json()
    {
        string[] names =
        [
            .. Repository.NamesOf(Cosmos.GetProperty("containers")), Cosmos.GetProperty("leases").GetString()!,
            .. Topics.Select(t => t.GetProperty("name").GetString()!), .. Subscriptions.Select(s => s.Name),
            .. Repository.NamesOf(Queues), .. Subscriptions.SelectMany(s => TypesOf(s.Subscription)),
        ];
        foreach (var (name, text) in BicepSources.All)
            Assert.All(names, literal => Assert.False(text.Contains($"'{literal}'", StringComparison.Ordinal), $"{name} writes '{literal}', which is topology.json's to say"));
    }

    [Fact]
    public async Task What_topology_json_has_is_deployed_and_nothing_else()
    {
        var database = Cosmos.GetProperty("database").GetString();
        foreach (var snapshot in await Infrastructure.BothAsync())
        {
            Assert.Equal(database, snapshot.The("Microsoft.DocumentDB/databaseAccounts/sqlDatabases").Path);
            Assert.Equal(
                Repository.NamesOf(Cosmos.GetProperty("containers")).Append(Cosmos.GetProperty("leases").GetString()!).Select(name => $"{database}/{name}").Order(),
                snapshot.Of(Containers).Select(c => c.Path).Order());
            Assert.Equal(Topics.Select(t => t.GetProperty("name").GetString()!).Order(), snapshot.Of($"{ServiceBus}/topics").Select(t => t.Path).Order());
            Assert.Equal(Subscriptions.Select(s => $"{s.Topic}/{s.Name}").Order(), snapshot.Of($"{ServiceBus}/topics/subscriptions").Select(s => s.Path).Order());
            Assert.Equal(Repository.NamesOf(Queues).Order(), snapshot.Of($"{ServiceBus}/queues").Select(q => q.Path).Order());
        }
    }

    /// <summary>Azure would ignore what Bicep does not pass on, and refuse what it does not know.</summary>
    [Fact]
    public void Everything_that_topology_json_says_is_passed_on()
    {
        var text = string.Concat(BicepSources.All.Values);
        var properties = new HashSet<string>();
        Collect(Repository.Topology);
        Assert.All(properties, name => Assert.True(Regex.IsMatch(text, $@"\.\??{name}\b") || text.Contains($"'{name}'", StringComparison.Ordinal), $"No Bicep file reads '{name}' of topology.json"));

        void Collect(JsonElement element)
        {
            if (element.ValueKind == JsonValueKind.Array)
            {
                foreach (var item in element.EnumerateArray())
                    Collect(item);
            }
            else if (element.ValueKind == JsonValueKind.Object)
            {
                foreach (var property in element.EnumerateObject())
                {
                    properties.Add(property.Name);
                    Collect(property.Value);
                }
            }
        }
    }

    [Fact]
    public async Task Rules_take_the_types_for_all_and_the_replays_for_one_and_nothing_else()
    {
        // Without a rule "$Default", Service Bus makes one that takes everything.
        var expected = Subscriptions.SelectMany(s => TypesOf(s.Subscription)
            .Select(type => (Name: $"{s.Topic}/{s.Name}/{type}", Properties: $$"""{"cloudEvents_type":"{{type}}","replayfor":"all"}"""))
            .Append((Name: $"{s.Topic}/{s.Name}/$Default", Properties: $$"""{"replayfor":"{{s.Topic}}/{{s.Name}}"}""")));
        foreach (var snapshot in await Infrastructure.BothAsync())
        {
            var rules = snapshot.Of($"{ServiceBus}/topics/subscriptions/rules");
            Assert.Equal(expected.Order(), rules.Select(r => (r.Path, JsonSerializer.Serialize(r.At("properties.correlationFilter.properties")))).Order());
            Assert.All(rules, rule => Assert.Equal("CorrelationFilter", rule["properties.filterType"]));
            Assert.All(rules, rule => Assert.Equal(["filterType", "correlationFilter"], rule.At("properties")!.Value.EnumerateObject().Select(p => p.Name)));
        }

        var sender = Repository.Text("src/Pipeline.AzureFunctions/ServiceBus/ServiceBusMessageSender.cs") + string.Concat(Repository.Sources("src/Pipeline").Values);
        Assert.All(new[] { "cloudEvents_type", "replayfor" }, property => Assert.Contains($"\"{property}\"", sender, StringComparison.Ordinal));
        foreach (var (_, _, subscription) in Subscriptions)
        {
            var types = TypesOf(subscription).ToList();
            Assert.All(types, type => Assert.True(type.Length <= 50, $"'{type}' is too long for the name of a rule"));
            Assert.Equal(types.Count, types.Distinct(StringComparer.OrdinalIgnoreCase).Count());
        }
    }

    [Theory]
    [InlineData("topics", "enablePartitioning false", "requiresDuplicateDetection true", $"defaultMessageTimeToLive {NoLimit}", "supportOrdering true", "duplicateDetectionHistoryTimeWindow PT10M")]
    [InlineData("queues", "enablePartitioning false", "requiresDuplicateDetection true", $"defaultMessageTimeToLive {NoLimit}", "requiresSession true", "maxDeliveryCount 100", "lockDuration PT1M", "duplicateDetectionHistoryTimeWindow PT10M", "deadLetteringOnMessageExpiration true")]
    [InlineData("topics/subscriptions", "deadLetteringOnFilterEvaluationExceptions true", $"defaultMessageTimeToLive {NoLimit}", "maxDeliveryCount 100", "lockDuration PT1M", "deadLetteringOnMessageExpiration true")]
    public async Task Entities_say_what_Azure_would_default_wrongly(string kind, params string[] says)
    {
        foreach (var snapshot in await Infrastructure.BothAsync())
        {
            foreach (var entity in snapshot.Of($"{ServiceBus}/{kind}"))
                Assert.All(says, part => Assert.Equal(part[(part.IndexOf(' ', StringComparison.Ordinal) + 1)..], entity[$"properties.{part[..part.IndexOf(' ', StringComparison.Ordinal)]}"]));
        }
    }

    [Fact]
    public async Task Subscriptions_have_sessions_unless_topology_json_says_not()
    {
        var expected = Subscriptions.Select(s => ($"{s.Topic}/{s.Name}", s.Subscription.TryGetProperty("requiresSession", out var sessions) ? sessions.GetRawText() : "true"));
        Assert.Contains(expected, e => e.Item2 == "false");
        foreach (var snapshot in await Infrastructure.BothAsync())
            Assert.Equal(expected.Order(), snapshot.Of($"{ServiceBus}/topics/subscriptions").Select(s => (s.Path, s["properties.requiresSession"]!)).Order());
    }

    /// <summary>A property that a query asks for and no index has makes the query read every document.</summary>
    [Fact]
    public async Task Every_property_that_queries_ask_for_is_indexed_and_payloads_are_not()
    {
        // CoreShapeTests: the core has its SQL in one file.
        var asked = Repository.Sources("src/Pipeline", "services").Where(source => source.Value.Contains("QueryDefinition", StringComparison.Ordinal))
            .Select(source => source.Value)
            .SelectMany(source => Regex.Matches(source, @"(WHERE|ORDER BY|AND) [^;]*").Select(m => m.Value))
            .SelectMany(clause => Regex.Matches(clause, @"\bc\.(?<name>\w+)").Select(m => m.Groups["name"].Value))
            .ToHashSet();
        Assert.Contains("kind", asked);
        foreach (var snapshot in await Infrastructure.BothAsync())
        {
            foreach (var container in snapshot.Of(Containers).Where(c => !c.Path.EndsWith("/" + Cosmos.GetProperty("leases").GetString(), StringComparison.Ordinal)))
            {
                Assert.Equal("""["/pk"]""", JsonSerializer.Serialize(container.At("properties.resource.partitionKey.paths")));
                Assert.Equal("-1", container["properties.resource.defaultTtl"]);
                var paths = container.List("properties.resource.indexingPolicy.includedPaths").Select(p => p.GetProperty("path").GetString()!).ToList();
                Assert.All(paths, path => Assert.Matches(@"^/\w+(/\[\])?/[?*]$", path));
                var indexed = paths.Select(path => path.Split('/')[1]).Append("id").Append("_ts").ToHashSet();
                Assert.Equal("""[{"path":"/*"}]""", JsonSerializer.Serialize(container.At("properties.resource.indexingPolicy.excludedPaths")));
                Assert.All(asked, name => Assert.Contains(name, indexed));
                Assert.DoesNotContain(indexed, name => name is "data" or "body" or "messages");
            }

            var leases = Assert.Single(snapshot.Of(Containers), c => c.Path.EndsWith("/" + Cosmos.GetProperty("leases").GetString(), StringComparison.Ordinal));
            Assert.Equal("""["/id"]""", JsonSerializer.Serialize(leases.At("properties.resource.partitionKey.paths")));
        }
    }

    [Fact]
    public void The_guide_and_topology_json_agree_with_host_json()
    {
        var serviceBus = Repository.Json("host.json").GetProperty("extensions").GetProperty("serviceBus");
        Assert.Contains($"`maxConcurrentSessions` {serviceBus.GetProperty("maxConcurrentSessions").GetRawText()} an instance", Repository.Text("docs/operations/azure.md"), StringComparison.Ordinal);
        var renewed = TimeSpan.Parse(serviceBus.GetProperty("maxAutoLockRenewalDuration").GetString()!, System.Globalization.CultureInfo.InvariantCulture);
        var locked = System.Xml.XmlConvert.ToTimeSpan(Repository.Topology.GetProperty("serviceBus").GetProperty("lockDuration").GetString()!);
        Assert.True(renewed > locked, "Locks run out before their renewal is worth anything.");
    }
}

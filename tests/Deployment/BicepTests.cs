using System.Text.RegularExpressions;
using Pipeline.Functions;

namespace Pipeline.Tests.Deployment;

/// <summary>What a Bicep compiler would say of names, files and topology, as far as it can be said without one.</summary>
public sealed partial class BicepTests
{
    /// <summary>The functions of Bicep that are used. A name that is not here is a typing error, or belongs here.</summary>
    private static readonly string[] Functions =
    [
        "batchSize", "concat", "contains", "dateTimeAdd", "dateTimeToEpoch", "empty", "environment", "filter", "flatten", "guid", "items",
        "loadJsonContent", "loadTextContent", "map", "reduce", "replace", "resourceGroup", "subscription", "subscriptionResourceId", "take",
        "toLower", "union", "uniqueString", "allowed", "description", "maxLength", "maxValue", "minLength", "minValue", "secure",
    ];

    [Fact]
    public async Task Every_file_can_be_read()
    {
        var files = await BicepFiles.AllAsync();
        Assert.True(files.Count >= 12, $"There are only {files.Count} files.");
        Assert.All(files, file => Assert.True(file.Value.Errors.Count == 0, $"{file.Key}: {string.Join("; ", file.Value.Errors)}"));
    }

    [Theory]
    [InlineData("param a string\nvar b = { c: a", "errors")]
    [InlineData("var b = c", "undeclared")]
    [InlineData("param a string", "unused")]
    public async Task The_reader_sees_what_is_wrong(string text, string kind)
    {
        var file = await BicepFiles.ReadAsync(text);
        Assert.NotEmpty(kind switch { "errors" => file.Errors, "undeclared" => file.Undeclared, _ => file.Unused });
    }

    [Fact]
    public async Task Every_name_is_declared_and_every_declaration_used()
    {
        foreach (var (name, file) in await BicepFiles.AllAsync())
        {
            Assert.True(file.Undeclared.Count == 0, $"{name} uses what it does not declare: {string.Join(", ", file.Undeclared)}");
            Assert.True(file.Unused.Count == 0, $"{name} never uses {string.Join(", ", file.Unused)}");
            Assert.All(file.Calls, call => Assert.Contains(call, Functions));
        }
    }

    [Fact]
    public async Task Every_module_exists_and_gets_and_gives_what_it_declares()
    {
        var files = await BicepFiles.AllAsync();
        var used = new HashSet<string>();
        foreach (var (name, file) in files)
        {
            foreach (var module in file.Modules)
            {
                Assert.True(files.TryGetValue(module.Path, out var target), $"{name}: there is no {module.Path}");
                used.Add(module.Path);
                Assert.True(module.Params.All(target.Params.ContainsKey), $"{name}: {module.Path} has no parameter {string.Join(", ", module.Params.Where(p => !target.Params.ContainsKey(p)))}");
                var missing = target.Params.Where(p => !p.Value && !module.Params.Contains(p.Key)).Select(p => p.Key).ToList();
                Assert.True(missing.Count == 0, $"{name} gives {module.Path} no {string.Join(", ", missing)}");
                foreach (var output in file.ModuleOutputs.Where(o => o.Module == module.Name))
                    Assert.True(target.Outputs.Contains(output.Output), $"{name}: {module.Path} has no output {output.Output}");
            }
        }

        Assert.Equal(files.Keys.Where(f => f.StartsWith("modules/", StringComparison.Ordinal)).Order(), used.Order());
    }

    [Theory]
    [InlineData("dev.bicepparam")]
    [InlineData("prod.bicepparam")]
    [InlineData("main.bicepparam")]
    public async Task Parameter_files_give_what_the_template_asks_for(string name)
    {
        var template = (await BicepFiles.AllAsync())["main.bicep"];
        var text = BicepFiles.Text(name);
        Assert.StartsWith("using 'main.bicep'", text, StringComparison.Ordinal);
        var given = Given().Matches(text).Select(m => m.Groups["name"].Value).ToList();
        Assert.All(given, parameter => Assert.True(template.Params.ContainsKey(parameter), $"main.bicep has no parameter {parameter}"));
        Assert.All(template.Params.Where(p => !p.Value), p => Assert.Contains(p.Key, given));
    }

    /// <summary>What is in topology.json is written nowhere else.</summary>
    [Fact]
    public async Task Names_of_containers_topics_subscriptions_and_queues_come_from_topology_json()
    {
        var cosmos = Repository.Topology.GetProperty("cosmos");
        var serviceBus = Repository.Topology.GetProperty("serviceBus");
        var topics = serviceBus.GetProperty("topics").EnumerateArray().ToList();
        string[] names =
        [
            .. Repository.NamesOf(cosmos.GetProperty("containers")), cosmos.GetProperty("leases").GetString()!,
            .. topics.Select(t => t.GetProperty("name").GetString()!), .. topics.SelectMany(t => Repository.NamesOf(t.GetProperty("subscriptions"))),
            .. Repository.NamesOf(serviceBus.GetProperty("queues")),
            .. topics.SelectMany(t => t.GetProperty("subscriptions").EnumerateArray()).SelectMany(s => s.GetProperty("types").EnumerateArray()).Select(t => t.GetString()!),
        ];
        foreach (var (name, file) in await BicepFiles.AllAsync())
        {
            var text = BicepFiles.Text(name);
            Assert.All(names, literal => Assert.False(text.Contains($"'{literal}'", StringComparison.Ordinal), $"{name} writes '{literal}', which is topology.json's to say"));
        }

        Assert.Contains("loadJsonContent('../topology.json')", BicepFiles.Text("main.bicep"), StringComparison.Ordinal);
        Assert.Contains("loadJsonContent('../topology.json')", BicepFiles.Text("subscriptions.bicep"), StringComparison.Ordinal);
        foreach (var (file, loop) in new[]
        {
            ("cosmos", "in topology.containers"), ("cosmos", "name: topology.leases"), ("cosmos", "name: topology.database"), ("service-bus", "in topology.topics"),
            ("service-bus", "in subscriptionList"), ("service-bus", "in ruleList"), ("service-bus", "in topology.queues"),
        })
        {
            Assert.Contains(loop, BicepFiles.Text($"modules/{file}.bicep"), StringComparison.Ordinal);
        }
    }

    /// <summary>Azure would ignore what Bicep does not pass on, and refuse what it does not know.</summary>
    [Fact]
    public void Everything_that_topology_json_says_is_passed_on()
    {
        var text = BicepFiles.Text("main.bicep") + BicepFiles.Text("modules/service-bus.bicep") + BicepFiles.Text("modules/cosmos.bicep") + BicepFiles.Text("subscriptions.bicep");
        var properties = new HashSet<string>();
        Collect(Repository.Topology);
        Assert.All(properties, name => Assert.True(Regex.IsMatch(text, $@"\.\??{name}\b") || text.Contains($"'{name}'", StringComparison.Ordinal), $"No Bicep file reads '{name}' of topology.json"));

        void Collect(System.Text.Json.JsonElement element)
        {
            if (element.ValueKind == System.Text.Json.JsonValueKind.Array)
            {
                foreach (var item in element.EnumerateArray())
                    Collect(item);
            }
            else if (element.ValueKind == System.Text.Json.JsonValueKind.Object)
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
        var text = BicepFiles.Text("modules/service-bus.bicep");
        var sender = Repository.Text("functions/ServiceBusMessageSender.cs");
        foreach (var property in new[] { "cloudEvents_type", "replayfor" })
        {
            Assert.Contains($"{property}:", text, StringComparison.Ordinal);
            Assert.Contains($"\"{property}\"", sender + Repository.Text("pipeline/Messages/OutgoingMessage.cs") + string.Concat(Repository.Sources("pipeline").Values), StringComparison.Ordinal);
        }

        // Without a rule of that name, Service Bus makes one that takes everything.
        Assert.Contains("name: '$Default'", text, StringComparison.Ordinal);
        Assert.Contains("replayfor: '${entry.topic}/${entry.subscription.name}'", text, StringComparison.Ordinal);
        Assert.Contains("replayfor: 'all'", text, StringComparison.Ordinal);
        var rules = (await BicepFiles.ResourcesAsync()).Single(r => r.Resource.Name == "rules" && r.File == "modules/service-bus.bicep").Resource;
        Assert.Contains("filterType: 'CorrelationFilter'", rules.Text, StringComparison.Ordinal);
        foreach (var subscription in Repository.Topology.GetProperty("serviceBus").GetProperty("topics").EnumerateArray().SelectMany(t => t.GetProperty("subscriptions").EnumerateArray()))
        {
            var types = subscription.GetProperty("types").EnumerateArray().Select(t => t.GetString()!).ToList();
            Assert.All(types, type => Assert.True(type.Length <= 50, $"'{type}' is too long for the name of a rule"));
            Assert.Equal(types.Count, types.Distinct(StringComparer.OrdinalIgnoreCase).Count());
        }
    }

    [Theory]
    [InlineData("topics", "enablePartitioning: false", "requiresDuplicateDetection: true", "defaultMessageTimeToLive: noLimit", "supportOrdering: true")]
    [InlineData("queues", "enablePartitioning: false", "requiresDuplicateDetection: true", "defaultMessageTimeToLive: noLimit", "queue.?requiresSession ?? true", "topology.maxDeliveryCount", "topology.lockDuration")]
    [InlineData("subscriptions", "deadLetteringOnFilterEvaluationExceptions: true", "defaultMessageTimeToLive: noLimit", "entry.subscription.?requiresSession ?? true", "topology.maxDeliveryCount", "topology.lockDuration")]
    public async Task Entities_say_what_Azure_would_default_wrongly(string resource, params string[] says)
    {
        var text = (await BicepFiles.ResourcesAsync()).Single(r => r.File == "modules/service-bus.bicep" && r.Resource.Name == resource).Resource.Text;
        Assert.All(says, part => Assert.Contains(part, text, StringComparison.Ordinal));
    }

    /// <summary>A property that a query asks for and no index has makes the query read every document.</summary>
    [Fact]
    public void Every_property_that_queries_ask_for_is_indexed_and_payloads_are_not()
    {
        var cosmos = BicepFiles.Text("modules/cosmos.bicep");
        var indexed = Regex.Matches(cosmos, @"path: '/(?<name>\w+)(/\[\])?/[?*]'").Select(m => m.Groups["name"].Value).Append("id").Append("_ts").ToHashSet();
        Assert.Contains("{ path: '/*' }", cosmos, StringComparison.Ordinal);
        var asked = Repository.Sources("pipeline", "services", "functions").Values
            .SelectMany(source => Regex.Matches(source, @"(WHERE|ORDER BY|AND) [^;]*").Select(m => m.Value))
            .SelectMany(clause => Regex.Matches(clause, @"\bc\.(?<name>\w+)").Select(m => m.Groups["name"].Value))
            .ToHashSet();
        Assert.Contains("kind", asked);
        Assert.All(asked, name => Assert.Contains(name, indexed));
        Assert.DoesNotContain(indexed, name => name is "data" or "body" or "messages");
    }

    [Fact]
    public async Task Functions_that_are_always_ready_exist()
    {
        var names = Regex.Matches(BicepFiles.Text("main.bicep"), @"name: '(?<name>http|function:[\w-]+)', instanceCount").Select(m => m.Groups["name"].Value).ToList();
        Assert.True(names.Count >= 5);
        Assert.Contains("http", names);
        var functions = AppFunctions.Names;
        Assert.All(names.Where(n => n != "http"), name => Assert.Contains(name["function:".Length..], functions));
        // A zone-redundant app has two instances of each function, which is most of what production costs.
        var guide = Repository.Text("docs/azure.md");
        Assert.Contains($"each of {AppFunctions.Triggers.Count(t => t.GetType().Name != "HttpTriggerAttribute")} other functions", guide, StringComparison.Ordinal);
        Assert.Contains($"{Repository.Topology.GetProperty("cosmos").GetProperty("containers").GetArrayLength()} containers at a tenth", guide, StringComparison.Ordinal);
        Assert.Contains("version: '10.0'", (await BicepFiles.ResourcesAsync()).Single(r => r.Resource.Type.StartsWith("Microsoft.Web/sites@", StringComparison.Ordinal) && !r.Resource.Existing).Resource.Text, StringComparison.Ordinal);
        Assert.Contains("<TargetFramework>net10.0</TargetFramework>", Repository.Text("Directory.Build.props"), StringComparison.Ordinal);
    }

    [Fact]
    public void The_subscriptions_of_stage_2_hand_over_cloud_events_and_dead_letter_by_identity()
    {
        var text = BicepFiles.Text("subscriptions.bicep");
        Assert.Contains("eventDeliverySchema: 'CloudEventSchemaV1_0'", text, StringComparison.Ordinal);
        Assert.Contains("inputSchema: 'CloudEventSchemaV1_0'", BicepFiles.Text("modules/event-grid.bicep"), StringComparison.Ordinal);
        Assert.Contains("deadLetterWithResourceIdentity", text, StringComparison.Ordinal);
        Assert.DoesNotContain("eventSubscriptions", BicepFiles.Text("main.bicep"), StringComparison.Ordinal);

        // The default of a setting is the same there and where the app runs on one machine.
        Assert.Contains("maxDeliveryAttempts ?? 30", text, StringComparison.Ordinal);
        Assert.Contains("eventTimeToLive ?? 'P1D'", text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_guide_and_topology_json_agree_with_host_json()
    {
        var serviceBus = Repository.Json("host.json").GetProperty("extensions").GetProperty("serviceBus");
        Assert.Contains($"`maxConcurrentSessions` {serviceBus.GetProperty("maxConcurrentSessions").GetInt32()} an instance", Repository.Text("docs/azure.md"), StringComparison.Ordinal);
        var renewed = TimeSpan.Parse(serviceBus.GetProperty("maxAutoLockRenewalDuration").GetString()!, System.Globalization.CultureInfo.InvariantCulture);
        var locked = System.Xml.XmlConvert.ToTimeSpan(Repository.Topology.GetProperty("serviceBus").GetProperty("lockDuration").GetString()!);
        Assert.True(renewed > locked, "Locks run out before their renewal is worth anything.");
    }

    /// <summary>What-if cannot look into a module whose resources are named after something that another one made.</summary>
    [Fact]
    public async Task Names_are_known_before_anything_is_deployed()
    {
        foreach (var (_, resource) in await BicepFiles.ResourcesAsync())
            Assert.DoesNotMatch(@"\n  name: [^\n]*(PrincipalId|\.properties\.|\.outputs\.)", resource.Text);
    }

    [GeneratedRegex(@"^param (?<name>\w+) =", RegexOptions.Multiline)]
    private static partial Regex Given();
}

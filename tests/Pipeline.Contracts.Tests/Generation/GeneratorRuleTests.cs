using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Pipeline.Consumers;
using Pipeline.Contracts;
using Pipeline.Contracts.Surfaces;
using Pipeline.Decisions;
using Pipeline.Generation;
using Pipeline.State;
using Pipeline.Tests.ContractRules;

namespace Pipeline.Tests.CodeGeneration;

/// <summary>What the generator makes of definitions, and of hand settings.</summary>
public sealed class GeneratorRuleTests
{
    private static readonly Contract[] Contracts =
    [
        new Contract<ParcelSent>("com.example.post.parcel-sent.v1", ContractKind.DomainEvent, "post", ParcelTestJson.Default.ParcelSent, "{parcelId}", e => e.ParcelId, isPublic: true),
        new Contract<WeighParcel>("com.example.scales.weigh-parcel.v1", ContractKind.Command, "scales", ParcelTestJson.Default.WeighParcel, "{parcelId}", c => c.ParcelId),
    ];

    private static readonly Consumer[] Consumers =
    [
        Of("post/tracking", "tracking").On<ParcelSent>(Ignore),
        Of("post/statistics", "statistics").Unordered().On<ParcelSent>(Ignore),
        Of("scales", "post").On<WeighParcel>(Ignore),
        Of("tell", "tracking").ByEventGrid("customers").On<ParcelSent>(Ignore),
    ];

    [Fact]
    public void The_topology_has_what_contracts_and_consumers_need() => Assert.Equal(
        """
        {
          "cosmos": {
            "database": "d",
            "leases": "l",
            "containers": [
              { "name": "post" },
              { "name": "statistics" },
              { "name": "tracking" }
            ]
          },
          "serviceBus": {
            "lockDuration": "PT1M",
            "maxDeliveryCount": 7,
            "duplicateDetectionWindow": "PT10M",
            "topics": [
              {
                "name": "post",
                "subscriptions": [
                  { "name": "statistics", "requiresSession": false, "types": ["com.example.post.parcel-sent.v1"] },
                  { "name": "tracking", "types": ["com.example.post.parcel-sent.v1"] }
                ]
              }
            ],
            "queues": [
              { "name": "scales" },
              { "name": "tell" }
            ]
          },
          "eventGrid": {
            "subscriptions": [
              { "name": "customers", "function": "tell", "types": ["com.example.post.parcel-sent.v1"] }
            ]
          }
        }

        """.ReplaceLineEndings("\n"),
        JsonText.Write(Topology()));

    [Fact]
    public void Hand_settings_count_and_stay_and_lists_are_merged_by_name()
    {
        var topology = Topology(
            """
            {
              "serviceBus": {
                "topics": [
                  { "name": "post", "subscriptions": [{ "name": "tracking", "lockDuration": "PT2M", "types": ["com.example.post.parcel-sent.v0"] }, { "name": "statistics", "requiresSession": true }] },
                  { "name": "others", "subscriptions": [] }
                ],
                "queues": [{ "name": "scales", "maxDeliveryCount": 3 }]
              },
              "cosmos": { "containers": [{ "name": "more" }, { "name": "post", "pollMilliseconds": 250 }] },
              "eventGrid": { "deadLetterContainer": "lost", "subscriptions": [{ "name": "partner", "types": ["com.example.post.parcel-sent.v1"] }] }
            }
            """);
        var topics = topology["serviceBus"]!["topics"]!;
        Assert.Equal(
            """{"name":"tracking","lockDuration":"PT2M","types":["com.example.post.parcel-sent.v0"]}""",
            TopologyDocument.Find(TopologyDocument.Find(topics, "post")!["subscriptions"], "tracking")!.ToJsonString());
        Assert.NotNull(TopologyDocument.Find(topics, "others"));
        Assert.True(TopologyDocument.HasSessions(topology, "post/statistics"));
        Assert.Equal("""{"name":"scales","maxDeliveryCount":3}""", TopologyDocument.Find(topology["serviceBus"]!["queues"], "scales")!.ToJsonString());
        Assert.Equal(["more", "post", "statistics", "tracking"], topology["cosmos"]!["containers"]!.AsArray().Select(c => (string)c!["name"]!));
        Assert.Equal("""{"name":"post"}""", TopologyDocument.Find(topology["cosmos"]!["containers"], "post")!.ToJsonString());
        Assert.Equal("lost", (string?)topology["eventGrid"]!["deadLetterContainer"]);
        Assert.Equal(["customers", "partner"], topology["eventGrid"]!["subscriptions"]!.AsArray().Select(s => (string)s!["name"]!));
    }

    [Theory]
    [InlineData("""{ "serviceBus": { "topics": "post" } }""", "$.serviceBus.topics")]
    [InlineData("""{ "serviceBus": { "topics": [{ "name": "post", "subscriptions": [{ "name": "statistics", "requiresSession": [] }] }] } }""", "$.serviceBus.topics.post.subscriptions.statistics.requiresSession")]
    [InlineData("""{ "serviceBus": { "queues": [{ "lockDuration": "PT1M" }] } }""", "without a name in '$.serviceBus.queues'")]
    public void Settings_of_another_shape_are_refused_with_their_place(string settings, string place) =>
        Assert.Contains(place, Assert.Throws<GenerationException>(() => Topology(settings)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("""{ "servicebus": {} }""", "there is no setting '$.servicebus'. Did you mean serviceBus?")]
    [InlineData("""{ "serviceBus": { "lockDuratoin": "PT2M" } }""", "there is no setting '$.serviceBus.lockDuratoin'. Did you mean lockDuration?")]
    [InlineData("""{ "serviceBus": { "topics": [{ "name": "post", "subscriptions": [{ "name": "tracking", "maxDeliverycount": 3 }] }] } }""", "'$.serviceBus.topics.post.subscriptions.tracking.maxDeliverycount'. Did you mean maxDeliveryCount?")]
    [InlineData("""{ "cosmos": { "containers": [{ "name": "more", "colour": "red" }] } }""", "there is no setting '$.cosmos.containers.more.colour'. Known there: name, partitionKey, pollMilliseconds.")]
    public void A_misspelt_setting_is_refused_with_the_nearest_name(string settings, string told)
    {
        var wrong = JsonNode.Parse(settings)!.AsObject();
        Assert.Contains(told, Assert.Throws<GenerationException>(() => TopologyDocument.Of(Contracts, Consumers, wrong)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{ "serviceBus": { "lockDuration": "2 minutes" } }""", "'$.serviceBus.lockDuration' is \"2 minutes\", but has to be a duration such as \"PT1M\"")]
    [InlineData("""{ "serviceBus": { "maxDeliveryCount": "7" } }""", "has to be a whole number")]
    [InlineData("""{ "cosmos": { "containers": [{ "name": "post", "pollMilliseconds": 0.5 }] } }""", "has to be a whole number")]
    [InlineData("""{ "cosmos": { "containers": null } }""", "'$.cosmos.containers' is null, but has to be a list")]
    [InlineData("""{ "serviceBus": { "queues": [null] } }""", "without a name in '$.serviceBus.queues': null")]
    [InlineData("""{ "serviceBus": { "topics": [{ "name": 1 }] } }""", "without a name in '$.serviceBus.topics'")]
    [InlineData("""{ "serviceBus": { "topics": [{ "name": "post", "subscriptions": [{ "name": "tracking", "types": [1] }] }] } }""", "has to be a list of texts")]
    [InlineData("""{ "eventGrid": null }""", "'$.eventGrid' is null, but has to be an object")]
    public void A_setting_of_another_kind_is_refused_with_what_it_has_to_be(string settings, string told)
    {
        var wrong = JsonNode.Parse(settings)!.AsObject();
        Assert.Contains(told, Assert.Throws<GenerationException>(() => TopologyDocument.Of(Contracts, Consumers, wrong)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_subscription_of_an_unknown_topic_is_refused_with_the_nearest_one_and_the_topics()
    {
        var wrong = Assert.Throws<GenerationException>(() => Topology(
            """{ "serviceBus": { "topics": [{ "name": "psot", "subscriptions": [{ "name": "tracking", "lockDuration": "PT2M" }] }] } }"""));
        Assert.Equal(
            "topology.settings.json has the subscription 'psot/tracking', which no consumer reads and which has no \"types\". Did you mean post/tracking? The topics are post.",
            wrong.Message);
    }

    [Fact]
    public void An_event_subscription_of_an_unknown_consumer_is_refused()
    {
        var wrong = Assert.Throws<GenerationException>(() => Topology("""{ "eventGrid": { "subscriptions": [{ "name": "custommers", "function": "tell" }] } }"""));
        Assert.Contains("'custommers', which no consumer reads and which has no \"types\". Did you mean customers?", wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_topic_by_hand_needs_no_subscriptions()
    {
        var topics = Topology("""{ "serviceBus": { "topics": [{ "name": "others" }] } }""")["serviceBus"]!["topics"];
        Assert.Equal("""{"name":"others","subscriptions":[]}""", TopologyDocument.Find(topics, "others")!.ToJsonString());
    }

    [Theory]
    [InlineData("lockDuration", "such as \"PT1M\"")]
    [InlineData("maxDeliveryCount", "such as 10")]
    [InlineData("duplicateDetectionWindow", "such as \"PT10M\"")]
    public void A_setting_that_the_emulator_needs_is_asked_for(string name, string example)
    {
        var topology = Topology();
        topology["serviceBus"]!.AsObject().Remove(name);
        var wrong = Assert.Throws<GenerationException>(() => EmulatorDocument.Of(topology));
        Assert.Equal($"topology.settings.json has no 'serviceBus.{name}'; add it, {example}.", wrong.Message);
    }

    [Fact]
    public void A_consumer_that_generated_code_cannot_name_is_refused()
    {
        var field = Assert.Throws<GenerationException>(() => Declarations.ThrowIfHidden([typeof(InField)], []));
        Assert.Contains("InField.OnPost' holds the consumer 'post/field', but is a field: make it a public static property", field.Message, StringComparison.Ordinal);
        var secret = Assert.Throws<GenerationException>(() => Declarations.ThrowIfHidden([typeof(Secret)], []));
        Assert.Contains("Secret.OnPost' holds the consumer 'post/secret', but is not public: make it a public static property", secret.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("global::", field.Message + secret.Message, StringComparison.Ordinal);

        Declarations.ThrowIfHidden([typeof(InField), typeof(Secret)], [new("N.A", Of("post/field", "s")), new("N.B", Of("post/secret", "s"))]);
    }

    [Fact]
    public void What_is_gone_from_generated_files_is_named()
    {
        var catalog = "        consumers.Add(global::N.A.OnPost); // post/tracking\n        consumers.Add(global::N.B.OnPost); // post/statistics\n";
        var functions = "    [Function(\"post-tracking\")]\n    [Function(\"post-statistics\")]\n";
        var before = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["services/Catalog.g.cs"] = catalog,
            ["functions/ConsumerFunctions.g.cs"] = functions,
            ["functions/BatchFunctions.g.cs"] = "    [Function(\"batch\")]\n",
            ["topology.json"] = """{ "serviceBus": { "topics": [{ "name": "post", "subscriptions": [{ "name": "tracking" }, { "name": "statistics" }, { "name": "partner" }] }] } }""",
        };
        var removed = RemovedParts.Of(before.GetValueOrDefault,
        [
            new("services/Catalog.g.cs", catalog.Split('\n')[1]),
            new("functions/ConsumerFunctions.g.cs", functions.Split('\n')[1]),
            new("functions/BatchFunctions.g.cs", null),
            new("topology.json", """{ "serviceBus": { "topics": [{ "name": "post", "subscriptions": [{ "name": "statistics" }] }] } }"""),
            new("contracts/readers.txt", ""),
        ]);
        Assert.Equal(["consumer post/tracking", "function batch", "function post-tracking", "subscription post/partner"], removed);
        Assert.Empty(RemovedParts.Of(_ => null, [new("services/Catalog.g.cs", catalog)]));
        Assert.Empty(RemovedParts.Of(_ => "by hand", [new("topology.json", "{}")]));
    }

    [Fact]
    public void A_topic_that_is_probably_misspelt_is_warned_of()
    {
        Contract[] contracts =
        [
            Event("com.example.billing.invoice-issued.v1", "billing"), Event("com.example.billing.refunded.v1", "biling"),
            Event("com.example.post.parcel-sent.v1", "post"), Event("com.example.post.parcel-lost.v1", "lost-parcels"),
        ];
        Assert.Equal(
            ["warning: 'com.example.billing.refunded.v1' goes to the topic 'biling', to which 'billing' publishes nothing else. Did you mean billing?"],
            TopicNames.Warnings(contracts, []));
        Assert.Empty(TopicNames.Warnings(contracts, [Of("biling/tracking", "tracking")]));
        Assert.Empty(TopicNames.Warnings([.. contracts, Event("com.example.billing.cancelled.v1", "biling")], []));
        Assert.Empty(TopicNames.Warnings([Event("com.example.port.parcel-sent.v1", "port"), Event("com.example.post.parcel-sent.v1", "post")], []));
    }

    [Fact]
    public void A_file_names_the_tool_as_it_is_called_in_its_application()
    {
        var folder = Directory.CreateTempSubdirectory("workspace-").FullName;
        try
        {
            var below = new Workspace(Directory.CreateDirectory(Path.Combine(folder, "app")).FullName);
            Assert.Equal("pipeline", below.Tool);
            Directory.CreateDirectory(Path.Combine(folder, ".config"));
            File.WriteAllText(Path.Combine(folder, ".config", "dotnet-tools.json"), """{ "tools": { "other": {} } }""");
            Assert.Equal("pipeline", below.Tool);
            File.WriteAllText(Path.Combine(folder, ".config", "dotnet-tools.json"), """{ "tools": { "pipeline.cli": { "commands": ["pipeline"] } } }""");
            Assert.Equal("dotnet pipeline", below.Tool);
            File.WriteAllText(below.PathOf("pipeline"), "#!/bin/sh");
            Assert.Equal("./pipeline", below.Tool);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void A_breaking_change_is_told_with_the_commands_that_show_and_approve_it()
    {
        var folder = Directory.CreateTempSubdirectory("workspace-").FullName;
        try
        {
            var workspace = new Workspace(folder);
            Directory.CreateDirectory(workspace.PathOf(workspace.Contracts));
            File.WriteAllText(workspace.PathOf("pipeline"), "");
            File.WriteAllText(workspace.PathOf(ContractFiles.Approved), SurfaceText.Write(Surface.Of(Contracts)).Replace("maxLength=9", "maxLength=10", StringComparison.Ordinal));
            var notes = new List<string>();

            var files = new ContractDocuments(workspace, Contracts, Consumers, RecordDocumentation.None).Files(Topology(), notes).ToList();

            var note = Assert.Single(notes, n => n.Contains("may break", StringComparison.Ordinal));
            Assert.Contains("./pipeline contracts diff", note, StringComparison.Ordinal);
            Assert.Contains("./pipeline contracts approve --migration \"why it breaks nobody\"", note, StringComparison.Ordinal);
            Assert.DoesNotContain(files, f => f.Path == ContractFiles.Approved);
            Assert.Contains("Not to be edited: ./pipeline generate\n", files.Single(f => f.Path == Readers.Path).Text, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void A_handler_of_a_record_that_is_no_message_is_told_what_is_missing()
    {
        var wrong = Assert.Throws<GenerationException>(() => TopologyDocument.Of([], Consumers, []));
        Assert.Contains("ParcelSent", wrong.Message, StringComparison.Ordinal);
        Assert.Contains("[Event(\"", wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Each_consumer_gets_the_triggers_of_its_entity()
    {
        var topology = Topology();
        var code = TriggerCode.Sessions(Consumers, topology, "N") + TriggerCode.Batches(Consumers, topology, "N")
            + TriggerCode.EventGrid(Consumers, "N") + TriggerCode.DeadLetterQueues(Consumers, "N");
        string[] expected =
        [
            """[Function("post-tracking")] [ServiceBusTrigger("post", "tracking", Connection = "ServiceBus", IsSessionsEnabled = true)]""",
            """[Function("scales")] [ServiceBusTrigger("scales", Connection = "ServiceBus", IsSessionsEnabled = true)]""",
            """[Function("tell-replays")] [ServiceBusTrigger("tell", Connection = "ServiceBus", IsSessionsEnabled = true)]""",
            """[Function("post-statistics")] [ServiceBusTrigger("post", "statistics", Connection = "ServiceBus", IsBatched = true)]""",
            """[Function("tell")] [EventGridTrigger]""",
            """[Function("post-tracking-dead-letters")] [ServiceBusTrigger("post", "tracking/$DeadLetterQueue", Connection = "ServiceBus")]""",
            """[Function("post-statistics-dead-letters")] [ServiceBusTrigger("post", "statistics/$DeadLetterQueue", Connection = "ServiceBus")]""",
            """[Function("scales-dead-letters")] [ServiceBusTrigger("scales/$DeadLetterQueue", Connection = "ServiceBus")]""",
            """[Function("tell-dead-letters")] [ServiceBusTrigger("tell/$DeadLetterQueue", Connection = "ServiceBus")]""",
        ];
        Assert.Equal(expected, System.Text.RegularExpressions.Regex.Matches(code, @"(\[Function\(""[^""]+""\)\])[^\[]+(\[\w+Trigger(\([^\]]*\))?\])").Select(m => $"{m.Groups[1]} {m.Groups[2]}"));
    }

    /// <summary>Polling costs: often only where a consumer with an order waits.</summary>
    [Theory]
    [InlineData("post", "{}", 100)]
    [InlineData("statistics", "{}", 1000)]
    [InlineData("statistics", """{ "cosmos": { "containers": [{ "name": "statistics", "pollMilliseconds": 250 }] } }""", 250)]
    public void A_relay_looks_at_its_feed_as_often_as_something_waits_for_it(string service, string settings, int milliseconds)
    {
        var code = RelayCode.Write(Contracts, Consumers, Topology(settings), JsonNode.Parse(settings)!.AsObject(), "N")!;
        var function = code[code.IndexOf($"\"relay-{service}\"", StringComparison.Ordinal)..];
        Assert.Contains(Invariant($"FeedPollDelay = {milliseconds},"), function[..function.IndexOf("=>", StringComparison.Ordinal)], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{parcelId}", "data.ParcelId")]
    [InlineData("parcel-{parcelId}", "\"parcel-\" + data.ParcelId")]
    [InlineData("{day:compact}/{parcelId}!", "data.Day.Replace(\"-\", \"\", StringComparison.Ordinal) + \"/\" + data.ParcelId + \"!\"")]
    public void A_subject_rule_becomes_code(string rule, string code) => Assert.Equal(code, SubjectRule.Code(Declared(rule)));

    [Theory]
    [InlineData("all", "names no field")]
    [InlineData("{parcel}", "there are parcelId, day")]
    [InlineData("{grams}", "no text")]
    [InlineData("{parcelId", "does not close")]
    [InlineData("parcelId}", "did not open")]
    public void A_subject_rule_that_makes_no_key_is_refused(string rule, string why)
    {
        var message = Assert.Throws<GenerationException>(() => SubjectRule.Code(Declared(rule))).Message;
        Assert.Contains($"'{rule}'", message, StringComparison.Ordinal);
        Assert.Contains(why, message, StringComparison.Ordinal);
    }

    private static DeclaredMessage Declared(string rule) => new(typeof(ParcelSent), new EventAttribute("com.example.post.parcel-sent.v1", "post", rule));

    private static JsonObject Topology(string settings = "{}")
    {
        var own = JsonNode.Parse(settings)!.AsObject();
        var cosmos = own["cosmos"]?.AsObject() ?? [];
        own.Remove("cosmos");
        var all = new JsonObject { ["cosmos"] = new JsonObject { ["database"] = "d", ["leases"] = "l" }, ["serviceBus"] = new JsonObject { ["lockDuration"] = "PT1M", ["maxDeliveryCount"] = 7, ["duplicateDetectionWindow"] = "PT10M" } };
        foreach (var (name, value) in cosmos)
            all["cosmos"]![name] = value?.DeepClone();
        foreach (var (name, value) in own["serviceBus"]?.AsObject() ?? [])
            all["serviceBus"]![name] = value?.DeepClone();
        if (own["eventGrid"] is { } events)
            all["eventGrid"] = events.DeepClone();
        return TopologyDocument.Of(Contracts, Consumers, all);
    }

    private static Contract<ParcelSent> Event(string type, string topic) =>
        new(type, ContractKind.DomainEvent, topic, ParcelTestJson.Default.ParcelSent, "{parcelId}", e => e.ParcelId);

    private static Consumer<Nothing> Of(string name, string service) => Consumer.Of(name, service, new DocumentState<Nothing>(ParcelTestJson.Default.Nothing));

    private static Decision<Nothing> Ignore<T>(Nothing? state, T message, HandlerContext context) => Decision<Nothing>.Nothing();

    private static class InField
    {
        public static readonly Consumer OnPost = Of("post/field", "s");
    }

    private static class Secret
    {
        private static Consumer OnPost { get; } = Of("post/secret", "s");
    }
}

using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Pipeline.Consumers;
using Pipeline.Contracts;
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

    private static Consumer<Nothing> Of(string name, string service) => Consumer.Of(name, service, new DocumentState<Nothing>(ParcelTestJson.Default.Nothing));

    private static Decision<Nothing> Ignore<T>(Nothing? state, T message, HandlerContext context) => Decision<Nothing>.Nothing();
}

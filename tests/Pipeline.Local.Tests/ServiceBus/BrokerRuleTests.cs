using System.Text.Json;
using Azure.Messaging.ServiceBus;
using Pipeline.Local.ServiceBus;
using static Pipeline.Tests.BrokerNamespace;

namespace Pipeline.Tests;

public sealed class BrokerRuleTests
{
    private static RuleDefinition Sql(string name, string filter, string? action = null) => new() { Name = name, SqlFilter = filter, SqlAction = action };

    private static BrokerTopology Of(params RuleDefinition[] rules) => Of(true, rules);

    private static BrokerTopology Of(bool deadLetters, params RuleDefinition[] rules) => new()
    {
        Topics =
        [
            new TopicDefinition
            {
                Name = "t",
                Subscriptions =
                [
                    new SubscriptionDefinition { Name = "s", Rules = rules, RequiresSession = false, DeadLetteringOnFilterEvaluationExceptions = deadLetters },
                ],
            },
        ],
    };

    private static async Task<IReadOnlyList<ServiceBusReceivedMessage>> SendAndReceiveAsync(BrokerNamespace ns, ServiceBusMessage message, string queue = "")
    {
        await ns.SendAsync("t", message);
        return await ReceiveAllAsync(ns.Client.CreateReceiver("t", "s", new ServiceBusReceiverOptions { SubQueue = queue.Length > 0 ? SubQueue.DeadLetter : SubQueue.None }));
    }

    private static ServiceBusMessage Order(int quantity, string color = "red") =>
        new("x") { MessageId = "m", Subject = "label", ApplicationProperties = { ["quantity"] = quantity, ["color"] = color } };

    [Fact]
    public async Task Rules_without_action_share_a_copy_and_each_with_one_has_its_own()
    {
        await using var ns = InMemory(Of(
            Sql("a", "quantity > 1"), Sql("b", "color = 'red'"), Sql("c", "1=1"), Sql("half", "color = 'red'", "SET quantity = quantity / 2; SET new = 'yes'"), Sql("bare", "1=1", "REMOVE color")));
        var copies = await SendAndReceiveAsync(ns, Order(10));

        Assert.Equal(3, copies.Count);
        var plain = Assert.Single(copies, c => !c.ApplicationProperties.ContainsKey("RuleName"));
        Assert.Equal((10, "red"), (plain.ApplicationProperties["quantity"], plain.ApplicationProperties["color"]));
        var half = Assert.Single(copies, c => c.ApplicationProperties.TryGetValue("RuleName", out var name) && name is "half").ApplicationProperties;
        Assert.Equal((5, "yes"), (half["quantity"], half["new"]));
        var bare = Assert.Single(copies, c => c.ApplicationProperties.TryGetValue("RuleName", out var name) && name is "bare").ApplicationProperties;
        Assert.False(bare.ContainsKey("color"));
        Assert.Equal(10, bare["quantity"]);
    }

    [Fact]
    public async Task Action_sets_and_removes_system_properties_for_later_statements_too()
    {
        await using var ns = InMemory(Of(Sql("r", "1=1", "SET sys.Label = 'n' + color, SET copy = sys.Label REMOVE sys.To SET sys.SessionId = 's9'; REMOVE nothing; SET gone = missing")));
        var message = Order(1);
        message.To = "there";
        var copy = Assert.Single(await SendAndReceiveAsync(ns, message));

        Assert.Equal(("nred", "nred", null, "s9", "m"), (copy.Subject, copy.ApplicationProperties["copy"], copy.To, copy.SessionId, copy.MessageId));
        Assert.Null(copy.ApplicationProperties["gone"]);
    }

    [Fact]
    public async Task Action_that_gives_a_session_id_brings_a_message_into_its_session()
    {
        var topology = Of();
        topology = topology with
        {
            Topics = [topology.Topics[0] with { Subscriptions = [new SubscriptionDefinition { Name = "s", Rules = [Sql("r", "1=1", "SET sys.SessionId = color")] }] }],
        };
        await using var ns = InMemory(topology);
        await ns.SendAsync("t", Order(1, "green"));
        await using var session = await ns.AcceptAsync("t/s");
        Assert.Equal("green", session.SessionId);
    }

    [Theory]
    [InlineData("color > 1")]
    [InlineData("sys.Nothing = 'x'")]
    public async Task Message_on_which_a_filter_fails_is_dead_lettered_or_left_out(string filter)
    {
        await using (var ns = InMemory(Of(Sql("ok", "1=1"), Sql("bad", filter, "SET a = 1"))))
        {
            var dead = Assert.Single(await SendAndReceiveAsync(ns, Order(1), DeadLetterQueueSuffix));
            Assert.Equal("FilterException", dead.DeadLetterReason);
            Assert.NotNull(dead.DeadLetterErrorDescription);
            Assert.Equal(0, ns.Broker.Counts("t/s").Active);
        }

        await using (var ns = InMemory(Of(deadLetters: false, Sql("bad", filter))))
        {
            Assert.Empty(await SendAndReceiveAsync(ns, Order(1)));
            Assert.Equal(0, ns.Broker.Counts("t/s").DeadLettered);
        }
    }

    [Fact]
    public async Task Action_that_fails_dead_letters_the_message_as_it_was_sent()
    {
        await using var ns = InMemory(Of(Sql("bad", "1=1", "SET quantity = 5; SET sys.SequenceNumber = 1")));
        var dead = Assert.Single(await SendAndReceiveAsync(ns, Order(1), DeadLetterQueueSuffix));
        Assert.Equal(("FilterException", 1), (dead.DeadLetterReason, dead.ApplicationProperties["quantity"]));
    }

    [Fact]
    public async Task Action_that_makes_the_properties_too_large_dead_letters()
    {
        await using var ns = InMemory(Of(Sql("grow", "1=1", "SET a2 = a + a; SET a3 = a + a")));
        var message = new ServiceBusMessage("x") { ApplicationProperties = { ["a"] = new string('a', 15_000) } };
        var dead = Assert.Single(await SendAndReceiveAsync(ns, message, DeadLetterQueueSuffix));
        Assert.Equal("HeaderSizeExceeded", dead.DeadLetterReason);
    }

    [Fact]
    public async Task Filter_of_true_takes_all_and_of_false_nothing()
    {
        await using (var ns = InMemory(Of(Sql("r", "1=1"))))
            Assert.Single(await SendAndReceiveAsync(ns, Order(1)));
        await using (var ns = InMemory(Of(Sql("r", "1=0"))))
            Assert.Empty(await SendAndReceiveAsync(ns, Order(1)));
    }

    [Theory]
    [InlineData("""{ "subject": "label" }""", true)]
    [InlineData("""{ "subject": "Label" }""", false)]
    [InlineData("""{ "messageId": "m", "to": "t1", "contentType": "c1", "correlationId": "c2", "replyTo": "r1", "replyToSessionId": "r2", "sessionId": "s1" }""", true)]
    [InlineData("""{ "messageId": "m", "to": "other" }""", false)]
    [InlineData("""{ "properties": { "quantity": 3, "color": "red" } }""", true)]
    [InlineData("""{ "properties": { "quantity": "3" } }""", false)]
    [InlineData("""{ "properties": { "quantity": 4 } }""", false)]
    [InlineData("""{ "properties": { "Color": "red" } }""", false)]
    [InlineData("""{ "properties": { "missing": "red" } }""", false)]
    public async Task Correlation_filter_wants_all_its_values(string filter, bool matches)
    {
        var correlation = JsonSerializer.Deserialize<CorrelationDefinition>(filter, JsonSerializerOptions.Web)!;
        await using var ns = InMemory(Of(new RuleDefinition { Name = "r", CorrelationFilter = correlation }));
        var message = Order(3);
        (message.To, message.ContentType, message.CorrelationId, message.ReplyTo, message.ReplyToSessionId, message.SessionId) = ("t1", "c1", "c2", "r1", "r2", "s1");

        Assert.Equal(matches ? 1 : 0, (await SendAndReceiveAsync(ns, message)).Count);
    }

    [Fact]
    public async Task Types_go_together_with_further_rules()
    {
        var topology = Of();
        topology = topology with
        {
            Topics = [topology.Topics[0] with { Subscriptions = [new SubscriptionDefinition { Name = "s", Types = [Placed], Rules = [Sql("big", "quantity > 5")], RequiresSession = false }] }],
        };
        await using var ns = InMemory(topology);
        var both = Event("both", null);
        both.ApplicationProperties["quantity"] = 6;
        await ns.SendAsync("t", Event("type", null), Event("other", null, Cancelled), Event("replay", null, Cancelled, "t/s"), Event("foreign", null, Placed, "t/x"), both);

        Assert.Equal(["type", "replay", "both"], Ids(await ReceiveAllAsync(ns.Client.CreateReceiver("t", "s"))));
    }

    [Fact]
    public async Task Changed_copies_survive_a_kill()
    {
        var topology = Topology with { Topics = [.. Topology.Topics, .. Of(Sql("a", "1=1"), Sql("half", "1=1", "SET quantity = quantity / 2 SET sys.Label = 'new'")).Topics] };
        await using var ns = OnDisk();
        ns.Restart(topology: topology);
        await ns.SendAsync("t", Order(8));
        ns.Restart(kill: true, topology);
        var copies = await ReceiveAllAsync(ns.Client.CreateReceiver("t", "s"));

        Assert.Equal([(8, "label"), (4, "new")], copies.Select(c => ((int)c.ApplicationProperties["quantity"], c.Subject!)));
    }
}

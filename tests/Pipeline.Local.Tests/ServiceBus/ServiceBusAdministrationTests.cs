using System.Net;
using Azure.Messaging.ServiceBus;
using Azure.Messaging.ServiceBus.Administration;
using static Pipeline.Tests.BrokerNamespace;

namespace Pipeline.Tests;

/// <summary>The official administration client, over HTTP on the port of AMQP.</summary>
public sealed class ServiceBusAdministrationTests
{
    [Fact]
    public async Task Entities_of_the_topology_are_read_with_what_they_hold()
    {
        await using var ns = InMemory();
        var admin = new ServiceBusAdministrationClient(ns.Endpoint.ConnectionString);
        await ns.SendAsync(Work, "m1", "m2");
        await ns.Client.CreateSender(Work).ScheduleMessageAsync(Message("later"), ns.Clock.GetUtcNow().AddHours(1));
        await using (var receiver = await ns.AcceptAsync(Work))
            await receiver.DeadLetterMessageAsync(await receiver.ReceiveMessageAsync());

        var queue = (await admin.GetQueueAsync(Work)).Value;
        Assert.Equal((true, LockDuration, 3, TimeSpan.FromMinutes(10)), (queue.RequiresSession, queue.LockDuration, queue.MaxDeliveryCount, queue.DuplicateDetectionHistoryTimeWindow));
        var runtime = (await admin.GetQueueRuntimePropertiesAsync(Work)).Value;
        Assert.Equal((1, 1, 1, 3), (runtime.ActiveMessageCount, runtime.DeadLetterMessageCount, runtime.ScheduledMessageCount, runtime.TotalMessageCount));
        Assert.Equal([Plain, Work], await AllAsync(admin.GetQueuesAsync(), q => q.Name));
        Assert.Equal(["orders"], await AllAsync(admin.GetTopicsAsync(), t => t.Name));
        Assert.Equal(2, (await admin.GetTopicRuntimePropertiesAsync("orders")).Value.SubscriptionCount);
        Assert.Equal(["audit", "billing"], await AllAsync(admin.GetSubscriptionsAsync("orders"), s => s.SubscriptionName));
        Assert.False((await admin.GetSubscriptionAsync("orders", "audit")).Value.RequiresSession);
        var rules = await AllAsync(admin.GetRulesAsync("orders", "audit"), r => r);
        Assert.Equal([Placed, "$Default"], rules.Select(r => r.Name));
        Assert.Equal(Placed, Assert.IsType<CorrelationRuleFilter>(rules[0].Filter).ApplicationProperties["cloudEvents_type"]);
        Assert.Equal(MessagingSku.Standard, (await admin.GetNamespacePropertiesAsync()).Value.MessagingSku);
    }

    [Fact]
    public async Task What_is_not_there_is_not_found()
    {
        await using var ns = InMemory();
        var admin = new ServiceBusAdministrationClient(ns.Endpoint.ConnectionString);

        Assert.False(await admin.QueueExistsAsync("nothing"));
        Assert.False(await admin.SubscriptionExistsAsync("orders", "nothing"));
        Assert.False(await admin.RuleExistsAsync("orders", "audit", "nothing"));
        await FailsAsync(ServiceBusFailureReason.MessagingEntityNotFound, () => admin.GetQueueAsync("nothing"));
        await FailsAsync(ServiceBusFailureReason.MessagingEntityNotFound, () => admin.DeleteTopicAsync("nothing"));
    }

    [Fact]
    public async Task Entities_made_at_run_time_work_and_are_there_after_a_kill_with_their_messages()
    {
        await using var ns = OnDisk();
        var admin = new ServiceBusAdministrationClient(ns.Endpoint.ConnectionString);
        await admin.CreateQueueAsync(new CreateQueueOptions("made") { RequiresSession = true, MaxDeliveryCount = 2, LockDuration = TimeSpan.FromSeconds(30) });
        await admin.CreateTopicAsync("news");
        await admin.CreateSubscriptionAsync(new CreateSubscriptionOptions("news", "all") { ForwardTo = Plain });
        await admin.CreateSubscriptionAsync(new CreateSubscriptionOptions("news", "big"), new CreateRuleOptions("big", new SqlRuleFilter("n > 5")) { Action = new SqlRuleAction("SET seen = TRUE") });
        await FailsAsync(ServiceBusFailureReason.MessagingEntityAlreadyExists, () => admin.CreateQueueAsync("made"));
        await using (var client = ns.Connect())
        {
            await client.CreateSender("made").SendMessageAsync(Message("m"));
            await client.CreateSender("news").SendMessagesAsync([New("small", 1), New("large", 9)]);
        }

        for (var restart = 0; restart < 2; restart++)
        {
            Assert.Equal((1, 1, 2), (ns.Broker.Counts("made").Active, ns.Broker.Counts("news/big").Active, ns.Broker.Counts(Plain).Active));
            await ns.RestartAsync(kill: true);
        }

        admin = new ServiceBusAdministrationClient(ns.Endpoint.ConnectionString);
        await using var again = ns.Connect();
        var big = await again.CreateReceiver("news", "big").ReceiveMessageAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(("large", true, "big"), (big.MessageId, big.ApplicationProperties["seen"], big.ApplicationProperties["RuleName"]));
        var made = (await admin.GetQueueAsync("made")).Value;
        Assert.Equal((true, 2, TimeSpan.FromSeconds(30)), (made.RequiresSession, made.MaxDeliveryCount, made.LockDuration));
        Assert.Equal(Plain, (await admin.GetSubscriptionAsync("news", "all")).Value.ForwardTo);
    }

    [Fact]
    public async Task Entities_made_at_run_time_are_changed_and_deleted_and_stay_so()
    {
        await using var ns = OnDisk();
        var admin = new ServiceBusAdministrationClient(ns.Endpoint.ConnectionString);
        await admin.CreateQueueAsync("made");
        var made = (await admin.GetQueueAsync("made")).Value;
        made.MaxDeliveryCount = 7;
        made.DefaultMessageTimeToLive = TimeSpan.FromHours(1);
        Assert.Equal(7, (await admin.UpdateQueueAsync(made)).Value.MaxDeliveryCount);
        await admin.CreateTopicAsync("news");
        await admin.CreateSubscriptionAsync("news", "all");
        await admin.CreateRuleAsync("news", "all", new CreateRuleOptions("r", new SqlRuleFilter("a = 1")));
        var rule = (await admin.GetRuleAsync("news", "all", "r")).Value;
        rule.Filter = new SqlRuleFilter("a = 2");
        await admin.UpdateRuleAsync("news", "all", rule);
        await admin.DeleteRuleAsync("news", "all", "$Default");
        await ns.SendAsync("news", new ServiceBusMessage("x"), new ServiceBusMessage("y") { ApplicationProperties = { ["a"] = 2 } });
        Assert.Equal(1, ns.Broker.Counts("news/all").Active);
        var waits = ns.Client.CreateReceiver("made").ReceiveMessageAsync();

        await admin.DeleteQueueAsync("made");
        await admin.DeleteTopicAsync("news");
        await FailsAsync(ServiceBusFailureReason.MessagingEntityNotFound, () => waits);
        Assert.DoesNotContain(ns.Broker.EntityNames, name => name.StartsWith("made", StringComparison.Ordinal) || name.StartsWith("news", StringComparison.Ordinal));
        await ns.RestartAsync(kill: true);
        admin = new ServiceBusAdministrationClient(ns.Endpoint.ConnectionString);
        Assert.False(await admin.QueueExistsAsync("made"));
        await admin.CreateQueueAsync("made");
        Assert.Equal(0, (await admin.GetQueueRuntimePropertiesAsync("made")).Value.TotalMessageCount);
    }

    [Fact]
    public async Task What_cannot_be_is_refused_with_the_reason()
    {
        await using var ns = InMemory();
        var admin = new ServiceBusAdministrationClient(ns.Endpoint.ConnectionString);
        await Refused("partitioning", () => admin.CreateQueueAsync(new CreateQueueOptions("a") { EnablePartitioning = true }));
        await Refused("maxDeliveryCount", () => admin.CreateQueueAsync(new CreateQueueOptions("a") { MaxDeliveryCount = 2001 }));
        await Refused("forwardTo", () => admin.CreateQueueAsync(new CreateQueueOptions("a") { ForwardTo = "nothing" }));
        await Refused("cycle", async () =>
        {
            await admin.CreateQueueAsync("x");
            await admin.CreateQueueAsync(new CreateQueueOptions("y") { ForwardTo = "x" });
            var x = (await admin.GetQueueAsync("x")).Value;
            x.ForwardTo = "y";
            await admin.UpdateQueueAsync(x);
        });
        await Refused("forwardTo", () => admin.DeleteQueueAsync("x"));
        await Refused("The rule 'r' cannot be", () => admin.CreateRuleAsync("orders", "audit", new CreateRuleOptions("r", new SqlRuleFilter("a ="))));
        var queue = (await admin.GetQueueAsync(Work)).Value;
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => admin.UpdateQueueAsync(queue));
        Assert.Contains("topology.json", error.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<InvalidOperationException>(() => admin.DeleteQueueAsync(Work));

        static async Task Refused(string part, Func<Task> call)
        {
            var refused = await Assert.ThrowsAsync<ArgumentException>(call);
            Assert.Contains(part, refused.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Web_pages_of_others_get_nothing()
    {
        await using var ns = InMemory();
        using var http = new HttpClient { BaseAddress = new Uri(Invariant($"http://127.0.0.1:{ns.Endpoint.Port}")) };
        using var request = new HttpRequestMessage(HttpMethod.Get, "/$Resources/queues") { Headers = { { "Origin", "https://evil.test" } } };

        Assert.Equal(HttpStatusCode.Forbidden, (await http.SendAsync(request)).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await http.PutAsync(new Uri("/q", UriKind.Relative), new StringContent("<no"))).StatusCode);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await http.PostAsync(new Uri("/q", UriKind.Relative), null)).StatusCode);
    }

    private static ServiceBusMessage New(string id, int n) => new(id) { MessageId = id, ApplicationProperties = { ["n"] = n } };

    private static async Task<List<TResult>> AllAsync<T, TResult>(IAsyncEnumerable<T> items, Func<T, TResult> select)
    {
        var all = new List<TResult>();
        await foreach (var item in items)
            all.Add(select(item));
        return all;
    }
}

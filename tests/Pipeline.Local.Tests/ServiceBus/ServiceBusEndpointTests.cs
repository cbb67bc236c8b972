using Azure.Messaging.ServiceBus;
using static Pipeline.Tests.BrokerNamespace;

namespace Pipeline.Tests;

/// <summary>What the official client needs of the endpoint beyond what the conformance tests say of every Service Bus.</summary>
public sealed class ServiceBusEndpointTests
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(300);

    [Fact]
    public async Task Message_keeps_its_body_and_properties_of_every_type()
    {
        await using var ns = InMemory();
        await using var client = ns.Connect();
        var sent = new ServiceBusMessage("body") { MessageId = "m", CorrelationId = "c", Subject = "s", To = "t", ReplyTo = "r", ReplyToSessionId = "rs", ContentType = "ct", PartitionKey = "p" };
        foreach (var value in new object[]
                 {
                     "text", true, (byte)1, (sbyte)-1, 'c', (short)-2, (ushort)2, -3, 3u, -4L, 4UL, 0.5f, -0.25, 1.5m, Guid.Parse("0a1b2c3d-0000-0000-0000-000000000001"),
                     new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc), new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.FromHours(1)), TimeSpan.FromSeconds(90), new Uri("https://contoso.com/x"),
                 })
        {
            sent.ApplicationProperties[value.GetType().Name] = value;
        }

        await client.CreateSender(Plain).SendMessageAsync(sent);
        var received = await client.CreateReceiver(Plain).ReceiveMessageAsync(Long);

        Assert.Equal(sent.ApplicationProperties, received.ApplicationProperties);
        Assert.Equal(("body", "m", "c", "s"), (received.Body.ToString(), received.MessageId, received.CorrelationId, received.Subject));
        Assert.Equal(("t", "r", "rs", "ct", "p"), (received.To, received.ReplyTo, received.ReplyToSessionId, received.ContentType, received.PartitionKey));
        Assert.Equal((TimeSpan.MaxValue, DateTimeOffset.MaxValue), (received.TimeToLive, received.ExpiresAt));
    }

    [Fact]
    public async Task Body_that_is_a_value_or_a_sequence_stays_one_also_after_a_restart()
    {
        await using var ns = OnDisk();
        await using (var client = ns.Connect())
        {
            var (value, sequence) = (new ServiceBusMessage(), new ServiceBusMessage());
            value.GetRawAmqpMessage().Body = Azure.Core.Amqp.AmqpMessageBody.FromValue(42L);
            sequence.GetRawAmqpMessage().Body = Azure.Core.Amqp.AmqpMessageBody.FromSequence([["a", 1L], ["b"]]);
            await client.CreateSender(Plain).SendMessagesAsync([value, sequence]);
        }

        await ns.RestartAsync();
        await using var again = ns.Connect();
        var received = await again.CreateReceiver(Plain).ReceiveMessagesAsync(2, Long);

        Assert.True(received[0].GetRawAmqpMessage().Body.TryGetValue(out var number));
        Assert.Equal(42L, number);
        Assert.True(received[1].GetRawAmqpMessage().Body.TryGetSequence(out var lists));
        Assert.Equal(["a", 1L, "b"], lists!.SelectMany(list => list));
    }

    [Fact]
    public async Task Message_that_comes_after_its_receiver_gave_up_costs_no_delivery()
    {
        await using var ns = InMemory();
        await using var client = ns.Connect();
        await using var receiver = client.CreateReceiver(Plain);
        Assert.Null(await receiver.ReceiveMessageAsync(Short));

        // Its credit is still open: the message is pushed, and released.
        await ns.SendAsync(Plain, Message("m", null));
        Assert.Equal(1, (await receiver.ReceiveMessageAsync(Long)).DeliveryCount);
    }

    [Fact]
    public async Task Prefetched_messages_go_back_at_no_cost_when_the_receiver_closes()
    {
        await using var ns = InMemory();
        await using var client = ns.Connect();
        await ns.SendAsync(Plain, Message("a", null), Message("b", null), Message("c", null));
        await using (var prefetching = client.CreateReceiver(Plain, new ServiceBusReceiverOptions { PrefetchCount = 10 }))
            Assert.Equal("a", (await prefetching.ReceiveMessageAsync(Long)).MessageId);
        await using var receiver = client.CreateReceiver(Plain);
        var rest = new List<ServiceBusReceivedMessage>();
        while (rest.Count < 2)
            rest.AddRange(await receiver.ReceiveMessagesAsync(2, Long));

        Assert.Equal(["b", "c"], Ids(rest));
        Assert.All(rest, m => Assert.Equal(1, m.DeliveryCount));
    }

    [Fact]
    public async Task Empty_session_says_so_at_once_and_the_next_message_comes()
    {
        await using var ns = InMemory();
        await using var client = ns.Connect();
        await using var session = await client.AcceptSessionAsync(Work, "s1");

        // The client drains the link after its wait, and takes up to a minute if that is not answered.
        for (var i = 0; i < 3; i++)
        {
            Assert.Empty(await session.ReceiveMessagesAsync(5, Short).WaitAsync(Long));
            await ns.SendAsync(Work, Message(Invariant($"m{i}")));
            var message = await session.ReceiveMessageAsync(Long);
            Assert.Equal(Invariant($"m{i}"), message.MessageId);
            await session.CompleteMessageAsync(message);
        }
    }

    [Fact]
    public async Task Accept_times_out_as_the_client_says_and_a_locked_session_is_refused()
    {
        await using var ns = InMemory();
        await using var client = ns.Connect(new ServiceBusClientOptions { RetryOptions = { TryTimeout = TimeSpan.FromSeconds(1), MaxRetries = 0 } });
        await FailsAsync(ServiceBusFailureReason.ServiceTimeout, () => client.AcceptNextSessionAsync(Work));
        await using var session = await client.AcceptSessionAsync(Work, "s1");
        await FailsAsync(ServiceBusFailureReason.SessionCannotBeLocked, () => client.AcceptSessionAsync(Work, "s1"));
    }

    [Fact]
    public async Task Accept_that_is_cancelled_leaves_the_session_to_others()
    {
        await using var ns = InMemory();
        await using var client = ns.Connect();
        using var stop = new CancellationTokenSource(Short);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.AcceptNextSessionAsync(Work, cancellationToken: stop.Token));
        await ns.SendAsync(Work, "m1");
        await using var session = await client.AcceptNextSessionAsync(Work).WaitAsync(Long);

        Assert.Equal(1, (await session.ReceiveMessageAsync(Long)).DeliveryCount);
    }

    [Fact]
    public async Task Lost_connection_gives_the_session_back_and_leaves_locks_of_other_messages_which_can_be_settled_by_a_new_one()
    {
        await using var ns = InMemory();
        await using var client = ns.Connect();
        await ns.SendAsync(Work, "m1");
        await ns.SendAsync(Plain, Message("p1", null), Message("p2", null));
        var session = await client.AcceptNextSessionAsync(Work);
        await session.ReceiveMessageAsync(Long);
        await using var receiver = client.CreateReceiver(Plain);
        var plain = await receiver.ReceiveMessageAsync(Long);
        ns.Endpoint.Disconnect();
        while (ns.Broker.Counts(Work).Locked > 0)
            await Task.Yield();
        Assert.Equal(1, ns.Broker.Counts(Plain).Locked);

        await using var again = await client.AcceptNextSessionAsync(Work);
        Assert.Equal(1, (await again.ReceiveMessageAsync(Long)).DeliveryCount);
        Assert.Equal("p2", (await receiver.ReceiveMessageAsync(Long)).MessageId);
        await receiver.CompleteMessageAsync(plain);
        Assert.Equal(1, ns.Broker.Counts(Plain).Active);
    }

    [Fact]
    public async Task Client_that_is_cut_off_reaches_nothing_and_others_go_on()
    {
        await using var ns = InMemory();
        var options = new ServiceBusClientOptions { RetryOptions = { MaxRetries = 0, TryTimeout = TimeSpan.FromSeconds(5) } };
        await using var dead = new ServiceBusClient(ns.Endpoint.ConnectionStringOf("dead"), options);
        await using var alive = new ServiceBusClient(ns.Endpoint.ConnectionStringOf("alive"), options);
        await dead.CreateSender(Plain).SendMessageAsync(Message("a", null));
        await alive.CreateSender(Plain).SendMessageAsync(Message("b", null));
        ns.Endpoint.CutOff("dead");

        await Assert.ThrowsAnyAsync<Exception>(() => dead.CreateSender(Plain).SendMessageAsync(Message("c", null)));
        await alive.CreateSender(Plain).SendMessageAsync(Message("d", null));
        Assert.Equal(3, ns.Broker.Counts(Plain).Active);
    }

    [Fact]
    public async Task Web_sockets_do_the_same()
    {
        await using var ns = InMemory();
        await using var client = ns.Connect(new ServiceBusClientOptions { TransportType = ServiceBusTransportType.AmqpWebSockets });
        await client.CreateSender(Plain).SendMessagesAsync(Enumerable.Range(0, 50).Select(i => Message(Invariant($"m{i}"), null, new string('x', 2000))));
        await using var receiver = client.CreateReceiver(Plain);
        var received = 0;
        while (received < 50)
        {
            foreach (var message in await receiver.ReceiveMessagesAsync(50, Long))
            {
                received++;
                await receiver.CompleteMessageAsync(message);
            }
        }

        Assert.Equal(0, ns.Broker.Counts(Plain).Active);
    }

    [Fact]
    public async Task Processors_handle_all_messages_with_sessions_and_without()
    {
        await using var ns = InMemory();
        await using var client = ns.Connect();
        await ns.SendAsync(Plain, [.. Enumerable.Range(0, 40).Select(i => Message(Invariant($"p{i}"), null))]);
        await ns.SendAsync(Work, [.. Enumerable.Range(0, 40).Select(i => Message(Invariant($"w{i:00}"), Invariant($"s{i % 4}")))]);
        var seen = new System.Collections.Concurrent.ConcurrentQueue<(string? Session, string Id)>();
        await using var plain = client.CreateProcessor(Plain, new ServiceBusProcessorOptions { MaxConcurrentCalls = 4, PrefetchCount = 5 });
        await using var sessions = client.CreateSessionProcessor(Work, new ServiceBusSessionProcessorOptions { MaxConcurrentSessions = 3, SessionIdleTimeout = TimeSpan.FromSeconds(1) });
        plain.ProcessMessageAsync += args => See(args.Message);
        sessions.ProcessMessageAsync += args => See(args.Message);
        plain.ProcessErrorAsync += _ => Task.CompletedTask;
        sessions.ProcessErrorAsync += _ => Task.CompletedTask;
        await plain.StartProcessingAsync();
        await sessions.StartProcessingAsync();
        await ns.Broker.WaitUntilEmptyAsync([Plain, Work], default).WaitAsync(TimeSpan.FromMinutes(1));
        await plain.StopProcessingAsync();
        await sessions.StopProcessingAsync();

        Assert.Equal(80, seen.Select(s => s.Id).Distinct().Count());
        Assert.All(seen.Where(s => s.Session is not null).GroupBy(s => s.Session), session => Assert.Equal(session.Select(s => s.Id).Order(StringComparer.Ordinal), session.Select(s => s.Id)));

        Task See(ServiceBusReceivedMessage message)
        {
            seen.Enqueue((message.SessionId, message.MessageId));
            return Task.CompletedTask;
        }
    }

    [Fact]
    public async Task Sessions_are_listed_and_messages_deleted_many_at_a_time()
    {
        await using var ns = InMemory();
        await using var client = ns.Connect();
        await ns.SendAsync(Work, Message("a", "s2"), Message("b", "s1"));
        var sessions = new List<string>();
        await foreach (var id in client.GetMessageSessionsAsync(Work))
            sessions.Add(id);
        Assert.Equal(["s1", "s2"], sessions);

        await ns.SendAsync(Plain, Message("c", null), Message("d", null));
        ns.Clock.Advance(TimeSpan.FromSeconds(1));
        await ns.SendAsync(Plain, Message("e", null));

        // The official client has this, but does not offer it yet.
        Assert.Equal(2, ns.Broker.DeleteMessages(Plain, 10, ns.Clock.GetUtcNow()));
        Assert.Equal(1, ns.Broker.Counts(Plain).Active);
    }

    [Fact]
    public async Task Rules_change_at_run_time_and_stay_after_a_restart()
    {
        await using var ns = OnDisk();
        await using (var client = ns.Connect())
        {
            await using var rules = client.CreateRuleManager("orders", "audit");
            await rules.CreateRuleAsync("large", new Azure.Messaging.ServiceBus.Administration.SqlRuleFilter("amount > 100"));
            await rules.CreateRuleAsync("red", new Azure.Messaging.ServiceBus.Administration.CorrelationRuleFilter { Subject = "s", ApplicationProperties = { ["color"] = "red" } });
            await FailsAsync(ServiceBusFailureReason.MessagingEntityAlreadyExists, () => rules.CreateRuleAsync("red", new Azure.Messaging.ServiceBus.Administration.TrueRuleFilter()));
            await rules.DeleteRuleAsync(Placed);
            await FailsAsync(ServiceBusFailureReason.MessagingEntityNotFound, () => rules.DeleteRuleAsync(Placed));
        }

        await ns.RestartAsync(kill: true);
        await using var again = ns.Connect();
        var names = new List<string>();
        await foreach (var rule in again.CreateRuleManager("orders", "audit").GetRulesAsync())
            names.Add(rule.Name);
        Assert.Equal(["$Default", "large", "red"], names);
        await ns.SendAsync("orders", Event("placed"), new ServiceBusMessage("x") { MessageId = "large", ApplicationProperties = { ["amount"] = 101 } });
        Assert.Equal(["large"], Ids(await ns.Client.CreateReceiver("orders", "audit").PeekMessagesAsync(10)));

        // What topology.json says anew of the subscription counts.
        var topic = Topology.Topics[0];
        await ns.RestartAsync(topology: Topology with { Topics = [topic with { Subscriptions = [topic.Subscriptions[0], topic.Subscriptions[1] with { Types = [Cancelled] }] }] });
        Assert.Equal([Cancelled, "$Default"], ns.Broker.Rules(Audit).Select(r => r.Name));
    }
}

using Azure.Messaging.ServiceBus;
using Pipeline.Local.ServiceBus;
using static Pipeline.Tests.BrokerNamespace;

namespace Pipeline.Tests;

public sealed class BrokerRestartTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Everything_accepted_and_settled_is_as_it_was(bool kill)
    {
        await using var ns = OnDisk();
        await ns.SendAsync(Work, "m1", "m2", "m3", "m4");
        await ns.SendAsync("orders", Event("e1"), Event("e2", session: null));
        await ns.Client.CreateSender(Work).ScheduleMessageAsync(Message("late"), ns.Clock.GetUtcNow() + TimeSpan.FromHours(1));
        await using (var receiver = await ns.AcceptAsync(Work))
        {
            var all = await receiver.ReceiveMessagesAsync(4);
            await receiver.CompleteMessageAsync(all[0]);
            await receiver.AbandonMessageAsync(all[1], new Dictionary<string, object> { ["tried"] = true });
            await receiver.DeadLetterMessageAsync(all[2], "Poison", "Unreadable.");
            await receiver.DeferMessageAsync(all[3]);
            await receiver.SetSessionStateAsync(BinaryData.FromString("state"));
        }

        ns.Restart(kill);

        Assert.Equal(new EntityCounts(1, 0, 1, 1, 1), ns.Broker.Counts(Work));
        Assert.Equal((1, 1), (ns.Broker.Counts(Billing).Active, ns.Broker.Counts(Billing).DeadLettered));
        Assert.Equal(2, ns.Broker.Counts(Audit).Active);
        await using var next = await ns.AcceptAsync(Work);
        var again = (await next.ReceiveMessageAsync())!;
        Assert.Equal(("m2", 2, true), (again.MessageId, again.DeliveryCount, again.ApplicationProperties["tried"]));
        Assert.Equal("state", (await next.GetSessionStateAsync())!.ToString());
        var dead = (await ns.Client.CreateReceiver(Work + DeadLetterQueueSuffix).ReceiveMessageAsync())!;
        Assert.Equal(("m3", "Poison", "Unreadable."), (dead.MessageId, dead.DeadLetterReason, dead.DeadLetterErrorDescription));
        ns.Clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(2, ns.Broker.Counts(Work).Active);
        Assert.Equal(0, ns.Broker.Counts(Work).Scheduled);
    }

    [Fact]
    public async Task Message_out_for_delivery_at_a_kill_comes_back_with_a_raised_count()
    {
        await using var ns = OnDisk();
        await ns.SendAsync(Work, "m1", "m2");
        await (await ns.AcceptAsync(Work)).ReceiveMessageAsync();
        ns.Restart(kill: true);
        await using var next = await ns.AcceptAsync(Work);

        Assert.Equal([2, 1], (await next.ReceiveMessagesAsync(10)).Select(m => m.DeliveryCount));
    }

    [Fact]
    public async Task Message_that_kills_the_process_every_time_reaches_the_delivery_limit()
    {
        await using var ns = OnDisk();
        await ns.SendAsync(Work, "m1");
        await ns.SendAsync(Plain, "p1");
        for (var i = 1; i <= 3; i++)
        {
            Assert.Equal(i, (await (await ns.AcceptAsync(Work)).ReceiveMessageAsync())!.DeliveryCount);
            Assert.Equal(i, (await ns.Client.CreateReceiver(Plain).ReceiveMessageAsync())!.DeliveryCount);
            ns.Restart(kill: true);
        }

        Assert.Equal((0, 1), (ns.Broker.Counts(Work).Active, ns.Broker.Counts(Work).DeadLettered));
        Assert.Equal((0, 1), (ns.Broker.Counts(Plain).Active, ns.Broker.Counts(Plain).DeadLettered));
        var dead = (await ns.Client.CreateReceiver(Work + DeadLetterQueueSuffix).ReceiveMessageAsync())!;
        Assert.Equal("MaxDeliveryCountExceeded", dead.DeadLetterReason);
        ns.Restart();
        Assert.Equal(1, ns.Broker.Counts(Work).DeadLettered);
    }

    [Fact]
    public async Task Message_out_for_delivery_at_a_clean_end_comes_back_with_its_count()
    {
        await using var ns = OnDisk();
        await ns.SendAsync(Work, "m1");
        await ns.SendAsync(Plain, "p1");
        await (await ns.AcceptAsync(Work)).ReceiveMessageAsync();
        await ns.Client.CreateReceiver(Plain).ReceiveMessageAsync();
        ns.Restart();
        ns.Restart();

        Assert.Equal(1, (await (await ns.AcceptAsync(Work)).ReceiveMessageAsync())!.DeliveryCount);
        Assert.Equal(1, (await ns.Client.CreateReceiver(Plain).ReceiveMessageAsync())!.DeliveryCount);
    }

    [Fact]
    public async Task Duplicate_is_still_known_after_a_kill()
    {
        await using var ns = OnDisk();
        await ns.SendAsync(Work, "m1");
        await using (var receiver = await ns.AcceptAsync(Work))
            await receiver.CompleteMessageAsync((await receiver.ReceiveMessageAsync())!);
        ns.Restart(kill: true);
        await ns.SendAsync(Work, "m1");

        Assert.Equal(0, ns.Broker.Counts(Work).Active);
    }

    [Fact]
    public async Task Receiver_of_before_the_restart_is_told_that_its_lock_is_lost()
    {
        await using var ns = OnDisk();
        await ns.SendAsync(Work, "m1");
        var receiver = await ns.AcceptAsync(Work);
        var message = (await receiver.ReceiveMessageAsync())!;
        ns.Restart(kill: true);
        await FailsAsync(ServiceBusFailureReason.SessionLockLost, () => receiver.CompleteMessageAsync(message));
        Assert.Equal(1, ns.Broker.Counts(Work).Active);
        await receiver.DisposeAsync();
    }

    [Fact]
    public async Task Who_waits_when_the_broker_closes_is_told_so()
    {
        await using var ns = InMemory();
        var accept = ns.AcceptAsync(Work);
        var receive = ns.Client.CreateReceiver(Plain).ReceiveMessageAsync();
        ns.Broker.Dispose();

        await FailsAsync(ServiceBusFailureReason.ServiceCommunicationProblem, () => accept);
        await Assert.ThrowsAsync<ServiceBusException>(() => receive);
        await Assert.ThrowsAsync<ServiceBusException>(() => ns.SendAsync(Work, "m1"));
    }

    [Fact]
    public async Task Subscription_that_left_the_topology_is_deleted_with_its_messages()
    {
        await using var ns = OnDisk();
        await ns.SendAsync("orders", Event("e1"));
        var topic = Topology.Topics[0];
        var without = Topology with { Topics = [topic with { Subscriptions = [topic.Subscriptions[0]] }] };
        ns.Restart(topology: without);
        Assert.Equal(1, ns.Broker.Counts(Billing).Active);
        ns.Restart();

        Assert.Equal(1, ns.Broker.Counts(Billing).Active);
        Assert.Equal(0, ns.Broker.Counts(Audit).Active);
    }

    [Fact]
    public async Task Entity_that_requires_sessions_now_and_holds_messages_without_one_refuses_to_open()
    {
        await using var ns = OnDisk();
        await ns.SendAsync(Plain, new ServiceBusMessage("m1"));
        var changed = Topology with { Queues = [new QueueDefinition { Name = Work }, new QueueDefinition { Name = Plain }] };

        var error = Assert.Throws<InvalidDataException>(() => ns.Restart(topology: changed));
        Assert.Contains("'plain'", error.Message, StringComparison.Ordinal);
        ns.Restart();
    }

    [Fact]
    public async Task Change_that_cannot_be_written_is_not_made()
    {
        await using var ns = OnDisk();
        await ns.SendAsync(Work, "m1");
        await using var receiver = await ns.AcceptAsync(Work);

        ns.Broker.FailNextAppend(3);
        var error = await Assert.ThrowsAsync<ServiceBusException>(() => receiver.ReceiveMessageAsync());
        Assert.IsType<IOException>(error.InnerException);
        Assert.True(error.IsTransient);
        var message = (await receiver.ReceiveMessageAsync())!;

        ns.Broker.FailNextAppend(3);
        await Assert.ThrowsAsync<ServiceBusException>(() => receiver.CompleteMessageAsync(message));
        ns.Broker.FailNextAppend(3);
        await Assert.ThrowsAsync<ServiceBusException>(() => receiver.DeadLetterMessageAsync(message));
        ns.Broker.FailNextAppend(3);
        await Assert.ThrowsAsync<ServiceBusException>(() => ns.SendAsync(Work, "m2"));
        Assert.Equal(new EntityCounts(1, 1, 0, 0, 0), ns.Broker.Counts(Work));

        await receiver.CompleteMessageAsync(message);
        await ns.SendAsync(Work, "m2");
        ns.Restart(kill: true);
        await using var next = await ns.AcceptAsync(Work);
        Assert.Equal(["m2"], Ids(await next.ReceiveMessagesAsync(10)));
    }

    [Fact]
    public async Task Lock_whose_expiry_cannot_be_written_expires_a_little_later()
    {
        await using var ns = OnDisk();
        await ns.SendAsync(Work, "m1");
        await using var receiver = await ns.AcceptAsync(Work);
        await receiver.ReceiveMessageAsync();
        ns.Broker.FailNextAppend(3);
        ns.Clock.Advance(LockDuration);
        Assert.Equal(1, ns.Broker.Counts(Work).Locked);
        ns.Clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(new EntityCounts(1, 0, 0, 0, 0), ns.Broker.Counts(Work));
    }

    [Fact]
    public async Task Journal_of_mostly_settled_messages_is_compacted_and_loses_nothing()
    {
        await using var ns = OnDisk();
        var body = new string('x', 200 * 1024);
        await ns.SendAsync("orders", Event("kept"), Event("dead"));
        await using (var receiver = await ns.AcceptAsync(Billing))
        {
            var all = await receiver.ReceiveMessagesAsync(2);
            await receiver.AbandonMessageAsync(all[0]);
            await receiver.DeadLetterMessageAsync(all[1], "Poison");
            await receiver.SetSessionStateAsync(BinaryData.FromString("state"));
        }

        await ns.Client.CreateSender("orders").ScheduleMessageAsync(Event("late"), ns.Clock.GetUtcNow() + TimeSpan.FromHours(1));
        for (var i = 0; i < 400; i++)
        {
            await ns.SendAsync(Work, Message(Invariant($"m{i}"), body: body));
            await using var receiver = await ns.AcceptAsync(Work);
            await receiver.CompleteMessageAsync((await receiver.ReceiveMessageAsync())!);
        }

        Assert.InRange(new FileInfo(ns.JournalPath).Length, 1, 40 * 1024 * 1024);
        ns.Restart(kill: true);
        await ns.SendAsync(Work, "m0");
        Assert.Equal(0, ns.Broker.Counts(Work).Active);
        Assert.Equal((1, 1), (ns.Broker.Counts(Billing).Active, ns.Broker.Counts(Billing).DeadLettered));
        Assert.Equal((2, 1), (ns.Broker.Counts(Audit).Active, ns.Broker.Counts("orders").Scheduled));
        await using var next = await ns.AcceptAsync(Billing);
        var kept = (await next.ReceiveMessageAsync())!;
        Assert.Equal(("kept", 2), (kept.MessageId, kept.DeliveryCount));
        Assert.Equal("state", (await next.GetSessionStateAsync())!.ToString());
        await ns.SendAsync(Work, "new");
        ns.Restart();
        Assert.Equal(1, ns.Broker.Counts(Work).Active);
    }
}

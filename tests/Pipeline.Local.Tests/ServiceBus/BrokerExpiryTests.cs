using Azure.Messaging.ServiceBus;
using Pipeline.Local.ServiceBus;
using static Pipeline.Tests.BrokerNamespace;

namespace Pipeline.Tests;

public sealed class BrokerExpiryTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private static readonly BrokerTopology Limits = new()
    {
        LockDuration = TimeSpan.FromMinutes(5),
        MaxDeliveryCount = 3,
        Queues =
        [
            new QueueDefinition { Name = "ten", RequiresSession = false, DefaultMessageTimeToLive = 10 * Minute },
            new QueueDefinition { Name = "dropping", RequiresSession = false, DeadLetteringOnMessageExpiration = false },
            new QueueDefinition { Name = Work },
        ],
        Topics =
        [
            new TopicDefinition
            {
                Name = "t",
                DefaultMessageTimeToLive = 10 * Minute,
                Subscriptions =
                [
                    new SubscriptionDefinition { Name = "own", Types = [Placed], RequiresSession = false, DefaultMessageTimeToLive = 2 * Minute },
                    new SubscriptionDefinition { Name = "topics", Types = [Placed], RequiresSession = false },
                ],
            },
        ],
    };

    [Theory]
    [InlineData(3, 3)]
    [InlineData(30, 10)]
    [InlineData(null, 10)]
    public async Task Smaller_of_message_s_and_entity_s_lifetime_wins(int? own, int minutes)
    {
        await using var ns = InMemory(Limits);
        var message = Message("m", session: null);
        if (own is { } set)
            message.TimeToLive = set * Minute;
        await ns.SendAsync("ten", message);
        var peeked = (await ns.Client.CreateReceiver("ten").PeekMessageAsync())!;
        ns.Clock.Advance((minutes * Minute) - TimeSpan.FromMilliseconds(1));
        var before = ns.Broker.Counts("ten");
        ns.Clock.Advance(TimeSpan.FromMilliseconds(1));

        Assert.Equal(minutes * Minute, peeked.TimeToLive);
        Assert.Equal(peeked.EnqueuedTime + (minutes * Minute), peeked.ExpiresAt);
        Assert.Equal((1, 0), (before.Active, before.DeadLettered));
        Assert.Equal((0, 1), (ns.Broker.Counts("ten").Active, ns.Broker.Counts("ten").DeadLettered));
    }

    [Fact]
    public async Task Expired_message_is_dead_lettered_with_the_reason_and_lives_there_for_ever()
    {
        await using var ns = InMemory(Limits);
        await ns.SendAsync("ten", Message("m", session: null));
        ns.Clock.Advance(TimeSpan.FromDays(400));
        var dead = (await ns.Client.CreateReceiver("ten" + DeadLetterQueueSuffix).ReceiveMessageAsync())!;

        Assert.Equal(("m", "TTLExpiredException"), (dead.MessageId, dead.DeadLetterReason));
        Assert.Equal(1, dead.DeliveryCount);
        Assert.NotNull(dead.DeadLetterErrorDescription);
    }

    [Fact]
    public async Task Expired_message_is_dropped_where_expiry_is_not_dead_lettered()
    {
        await using var ns = InMemory(Limits);
        await ns.SendAsync("dropping", new ServiceBusMessage("x") { TimeToLive = Minute });
        ns.Clock.Advance(Minute);

        Assert.Equal(default, ns.Broker.Counts("dropping"));
    }

    [Fact]
    public async Task Topic_s_and_subscription_s_limits_both_apply()
    {
        await using var ns = InMemory(Limits);
        await ns.SendAsync("t", Event("m", session: null));
        ns.Clock.Advance(2 * Minute);
        Assert.Equal((0, 1), (ns.Broker.Counts("t/own").Active, ns.Broker.Counts("t/topics").Active));
        ns.Clock.Advance(8 * Minute);
        Assert.Equal(0, ns.Broker.Counts("t/topics").Active);
    }

    [Theory]
    [InlineData("complete", 0, 0)]
    [InlineData("abandon", 0, 1)]
    [InlineData("lock expires", 0, 1)]
    [InlineData("defer", 1, 0)]
    public async Task Locked_message_does_not_expire_before_it_comes_back(string end, int deferred, int deadLettered)
    {
        await using var ns = InMemory(Limits);
        await ns.SendAsync("ten", new ServiceBusMessage("x") { TimeToLive = Minute });
        var receiver = ns.Client.CreateReceiver("ten");
        var message = (await receiver.ReceiveMessageAsync())!;
        ns.Clock.Advance(2 * Minute);
        Assert.Equal(1, ns.Broker.Counts("ten").Locked);
        var waiting = receiver.ReceiveMessageAsync(TimeSpan.FromMinutes(10));
        switch (end)
        {
            case "complete":
                await receiver.CompleteMessageAsync(message);
                break;
            case "abandon":
                await receiver.AbandonMessageAsync(message);
                break;
            case "defer":
                await receiver.DeferMessageAsync(message);
                break;
            default:
                ns.Clock.Advance(4 * Minute);
                break;
        }

        var counts = ns.Broker.Counts("ten");
        Assert.Equal((0, deferred, deadLettered), (counts.Active, counts.Deferred, counts.DeadLettered));
        Assert.False(waiting.IsCompleted);
        ns.Clock.Advance(11 * Minute);
        Assert.Null(await waiting);
        Assert.Equal(deferred, ns.Broker.Counts("ten").Deferred);
    }

    [Fact]
    public async Task Scheduled_message_lives_from_when_it_is_enqueued()
    {
        await using var ns = InMemory(Limits);
        await ns.Client.CreateSender("ten").ScheduleMessageAsync(new ServiceBusMessage("x") { TimeToLive = Minute }, ns.Clock.GetUtcNow() + (5 * Minute));
        ns.Clock.Advance((5 * Minute) + TimeSpan.FromSeconds(59));
        Assert.Equal(1, ns.Broker.Counts("ten").Active);
        ns.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, ns.Broker.Counts("ten").DeadLettered);
    }

    [Fact]
    public async Task Message_in_the_middle_of_a_session_expires_and_the_others_keep_their_order()
    {
        await using var ns = InMemory(Limits);
        for (var i = 0; i < 9; i++)
        {
            var message = Message(Invariant($"m{i}"));
            if (i % 3 == 1)
                message.TimeToLive = Minute;
            await ns.SendAsync(Work, message);
        }

        ns.Clock.Advance(Minute);
        await using var receiver = await ns.AcceptAsync(Work);
        Assert.Equal(["m0", "m2", "m3", "m5", "m6", "m8"], Ids(await ReceiveAllAsync(receiver)));
        Assert.Equal(3, ns.Broker.Counts(Work).DeadLettered);
    }

    [Fact]
    public async Task Session_whose_messages_have_all_expired_is_neither_offered_nor_kept()
    {
        await using var ns = InMemory(Limits);
        await ns.SendAsync(Work, new ServiceBusMessage("x") { SessionId = "gone", TimeToLive = Minute });
        await ns.SendAsync(Work, Message("m", "stays"));
        ns.Clock.Advance(Minute);
        await using var receiver = await ns.AcceptAsync(Work);

        Assert.Equal("stays", receiver.SessionId);
        Assert.Equal(1, ns.Broker.SessionsInMemory);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Lifetime_goes_on_while_the_namespace_is_closed(bool kill)
    {
        await using var ns = OnDisk();
        await ns.SendAsync(Plain, new ServiceBusMessage("x") { TimeToLive = Minute, MessageId = "short" });
        await ns.SendAsync(Plain, new ServiceBusMessage("x") { TimeToLive = 3 * Minute, MessageId = "long" });
        ns.Clock.Advance(TimeSpan.FromSeconds(30));
        ns.Restart(kill);
        ns.Clock.Advance(Minute);
        ns.Restart(kill);

        Assert.Equal(1, ns.Broker.Counts(Plain).DeadLettered);
        var left = Assert.Single(await ns.Client.CreateReceiver(Plain).PeekMessagesAsync(10));
        Assert.Equal(("long", 3 * Minute), (left.MessageId, left.TimeToLive));
        ns.Clock.Advance(2 * Minute);
        Assert.Equal(2, ns.Broker.Counts(Plain).DeadLettered);
    }

    [Fact]
    public async Task Many_that_expire_together_all_go_and_a_full_disk_only_delays_them()
    {
        await using var ns = OnDisk();
        for (var i = 0; i < 25; i++)
            await ns.SendAsync(Plain, [.. Enumerable.Range(0, 100).Select(n => new ServiceBusMessage("x") { TimeToLive = Minute, MessageId = Invariant($"{i}-{n}") })]);
        ns.Broker.FailNextAppend(5);
        ns.Clock.Advance(Minute);
        ns.Clock.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal((0, 2500), (ns.Broker.Counts(Plain).Active, ns.Broker.Counts(Plain).DeadLettered));
        ns.Restart();
        Assert.Equal((0, 2500), (ns.Broker.Counts(Plain).Active, ns.Broker.Counts(Plain).DeadLettered));
    }
}

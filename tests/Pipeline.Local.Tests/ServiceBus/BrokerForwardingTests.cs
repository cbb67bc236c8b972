using Pipeline.Local.ServiceBus;
using static Pipeline.Tests.BrokerNamespace;

namespace Pipeline.Tests;

public sealed class BrokerForwardingTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private static BrokerTopology Chain(int hops) => new()
    {
        Queues =
        [
            .. Enumerable.Range(0, hops).Select(i => new QueueDefinition { Name = Invariant($"hop{i}"), RequiresSession = false, ForwardTo = Invariant($"hop{i + 1}") }),
            new QueueDefinition { Name = Invariant($"hop{hops}"), RequiresSession = false },
        ],
    };

    private static readonly BrokerTopology Routes = new()
    {
        MaxDeliveryCount = 2,
        DuplicateDetectionWindow = TimeSpan.FromMinutes(10),
        Queues =
        [
            new QueueDefinition { Name = "all", RequiresSession = false, DefaultMessageTimeToLive = 5 * Minute },
            new QueueDefinition { Name = "dead", RequiresSession = false },
            new QueueDefinition { Name = Work, ForwardDeadLetteredMessagesTo = "dead" },
            new QueueDefinition { Name = "to-sessions", RequiresSession = false, ForwardTo = Work },
        ],
        Topics =
        [
            new TopicDefinition
            {
                Name = "t",
                Subscriptions =
                [
                    new SubscriptionDefinition { Name = "s", Types = [Placed], RequiresSession = false, ForwardTo = "all" },
                    new SubscriptionDefinition { Name = "kept", Types = [Placed], RequiresSession = false },
                ],
            },
        ],
    };

    [Fact]
    public async Task Four_hops_arrive_and_keep_their_first_sequence_number()
    {
        await using var ns = InMemory(Chain(4));
        await ns.SendAsync("hop4", Message("direct", null));
        await ns.SendAsync("hop0", Message("m", null));
        var received = await ReceiveAllAsync(ns.Client.CreateReceiver("hop4"));

        Assert.Equal(["direct", "m"], Ids(received));
        Assert.Equal((2, 1), (received[1].SequenceNumber, received[1].EnqueuedSequenceNumber));
        Assert.All(Enumerable.Range(0, 4), i => Assert.Equal(default, ns.Broker.Counts(Invariant($"hop{i}"))));
    }

    [Fact]
    public async Task Fifth_hop_is_dead_lettered_where_it_would_begin()
    {
        await using var ns = InMemory(Chain(5));
        await ns.SendAsync("hop0", Message("m", null));
        await ns.SendAsync("hop1", Message("n", null));

        Assert.Equal("n", Assert.Single(await ReceiveAllAsync(ns.Client.CreateReceiver("hop5"))).MessageId);
        var dead = Assert.Single(await ReceiveAllAsync(ns.Client.CreateReceiver("hop4" + DeadLetterQueueSuffix)));
        Assert.Equal(("m", "MaxTransferHopCountExceeded"), (dead.MessageId, dead.DeadLetterReason));
    }

    [Fact]
    public async Task Nothing_can_be_received_from_what_forwards()
    {
        await using var ns = InMemory(Chain(1));
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => ns.Client.CreateReceiver("hop0").ReceiveMessageAsync());
        Assert.Contains("hop1", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Subscription_forwards_to_a_queue_under_the_queue_s_own_settings()
    {
        await using var ns = InMemory(Routes);
        await ns.SendAsync("all", Message("m", null));
        await ns.SendAsync("t", Event("m", null), Event("n", null));

        // One of them is a duplicate there, and only there.
        Assert.Equal(["m", "n"], Ids(await ns.Client.CreateReceiver("all").PeekMessagesAsync(10)));
        Assert.Equal(2, ns.Broker.Counts("t/kept").Active);
        ns.Clock.Advance(5 * Minute);
        Assert.Equal((2, 2), (ns.Broker.Counts("all").DeadLettered, ns.Broker.Counts("t/kept").Active));
    }

    [Theory]
    [InlineData("dead-letter")]
    [InlineData("exhaust")]
    [InlineData("expire")]
    public async Task Dead_letters_are_forwarded_with_reason_and_source(string way)
    {
        await using var ns = InMemory(Routes);
        var message = Message("m");
        message.TimeToLive = 10 * Minute;
        await ns.SendAsync(Work, message);
        if (way == "expire")
        {
            ns.Clock.Advance(10 * Minute);
        }
        else
        {
            await using var receiver = await ns.AcceptAsync(Work);
            for (var received = await receiver.ReceiveMessageAsync(); received is not null;)
            {
                if (way == "dead-letter")
                    await receiver.DeadLetterMessageAsync(received, "bad", "very");
                else
                    await receiver.AbandonMessageAsync(received);
                received = await ReceiveAllAsync(receiver) is [var again] ? again : null;
            }
        }

        var dead = Assert.Single(await ReceiveAllAsync(ns.Client.CreateReceiver("dead")));
        Assert.Equal(("m", Work, 1), (dead.MessageId, dead.DeadLetterSource, dead.DeliveryCount));
        Assert.Equal(way switch { "dead-letter" => "bad", "exhaust" => "MaxDeliveryCountExceeded", _ => "TTLExpiredException" }, dead.DeadLetterReason);
        Assert.Equal(default, ns.Broker.Counts(Work));
        Assert.Equal(0, ns.Broker.SessionsInMemory);
    }

    [Fact]
    public async Task Message_without_session_cannot_be_forwarded_to_sessions()
    {
        await using var ns = InMemory(Routes);
        await ns.SendAsync("to-sessions", Message("m", null), Message("n", "s"));
        var dead = Assert.Single(await ReceiveAllAsync(ns.Client.CreateReceiver("to-sessions" + DeadLetterQueueSuffix)));

        Assert.Equal(("m", "Session ID is null."), (dead.MessageId, dead.DeadLetterReason));
        Assert.Equal(1, ns.Broker.Counts(Work).Active);
    }

    [Fact]
    public async Task Forwarding_and_its_source_survive_a_kill()
    {
        var topology = Routes with { Queues = [.. Routes.Queues, new QueueDefinition { Name = Plain, RequiresSession = false }] };
        await using var ns = OnDisk();
        ns.Restart(topology: topology);
        await ns.SendAsync("to-sessions", Message("m", "s"));
        await using (var receiver = await ns.AcceptAsync(Work))
            await receiver.DeadLetterMessageAsync((await receiver.ReceiveMessageAsync())!, "bad");
        ns.Restart(kill: true, topology);

        var dead = Assert.Single(await ReceiveAllAsync(ns.Client.CreateReceiver("dead")));
        Assert.Equal(("m", "bad", Work), (dead.MessageId, dead.DeadLetterReason, dead.DeadLetterSource));
        Assert.Equal(default, ns.Broker.Counts(Work));
    }
}

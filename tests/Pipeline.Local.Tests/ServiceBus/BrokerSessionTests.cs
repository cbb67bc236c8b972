using Azure.Messaging.ServiceBus;
using static Pipeline.Tests.BrokerNamespace;

namespace Pipeline.Tests;

public sealed class BrokerSessionTests
{
    [Fact]
    public async Task Session_is_received_in_the_order_of_sending()
    {
        await using var ns = InMemory();
        await ns.SendAsync(Work, "m1", "m2");
        await ns.SendAsync(Work, "m3");
        await using var receiver = await ns.AcceptAsync(Work);

        Assert.Equal(["m1", "m2", "m3"], Ids(await receiver.ReceiveMessagesAsync(10)));
        Assert.Equal("s1", receiver.SessionId);
        Assert.Equal(ns.Clock.GetUtcNow() + LockDuration, receiver.SessionLockedUntil);
    }

    [Fact]
    public async Task Two_receivers_compete_and_never_hold_the_same_session()
    {
        await using var ns = InMemory();
        await ns.SendAsync(Work, Message("a1", "a"), Message("b1", "b"), Message("a2", "a"));
        await using var one = await ns.AcceptAsync(Work);
        await using var two = await ns.AcceptAsync(Work);
        var third = ns.AcceptAsync(Work);

        Assert.Equal(("a", "b"), (one.SessionId, two.SessionId));
        Assert.Equal(["a1", "a2"], Ids(await one.ReceiveMessagesAsync(10)));
        Assert.Equal(["b1"], Ids(await two.ReceiveMessagesAsync(10)));
        Assert.False(third.IsCompleted);
        await one.CloseAsync();
        Assert.Equal("a", (await third).SessionId);
    }

    [Fact]
    public async Task Session_locked_by_another_receiver_cannot_be_accepted_by_name()
    {
        await using var ns = InMemory();
        await using var one = await ns.AcceptAsync(Work, "a");
        await FailsAsync(ServiceBusFailureReason.SessionCannotBeLocked, () => ns.AcceptAsync(Work, "a"));
    }

    [Fact]
    public async Task Accept_waits_for_a_session_to_get_a_message()
    {
        await using var ns = InMemory();
        var accept = ns.AcceptAsync(Work);
        Assert.False(accept.IsCompleted);
        await ns.SendAsync(Work, "m1");

        Assert.Equal("s1", (await accept).SessionId);
    }

    [Fact]
    public async Task Accept_times_out_after_the_try_timeout()
    {
        await using var ns = InMemory();
        var accept = ns.AcceptAsync(Work);
        ns.Clock.Advance(TimeSpan.FromSeconds(59));
        Assert.False(accept.IsCompleted);
        ns.Clock.Advance(TimeSpan.FromSeconds(1));
        var error = await Assert.ThrowsAsync<ServiceBusException>(() => accept);

        Assert.Equal(ServiceBusFailureReason.ServiceTimeout, error.Reason);
        Assert.True(error.IsTransient);
    }

    [Fact]
    public async Task Session_that_has_waited_longest_is_accepted_first()
    {
        await using var ns = InMemory();
        await ns.SendAsync(Work, Message("a1", "a"), Message("b1", "b"), Message("c1", "c"));
        await using (var a = await ns.AcceptAsync(Work))
        {
            Assert.Equal("a", a.SessionId);
        }

        await using var second = await ns.AcceptAsync(Work);
        await using var third = await ns.AcceptAsync(Work);
        await using var fourth = await ns.AcceptAsync(Work);
        Assert.Equal(("b", "c", "a"), (second.SessionId, third.SessionId, fourth.SessionId));
    }

    [Fact]
    public async Task Receiver_that_waits_gets_a_message_of_its_session_and_of_no_other()
    {
        await using var ns = InMemory();
        await using var receiver = await ns.AcceptAsync(Work, "a");
        var receive = receiver.ReceiveMessageAsync();
        await ns.SendAsync(Work, Message("b1", "b"));
        Assert.False(receive.IsCompleted);
        await ns.SendAsync(Work, Message("a1", "a"));

        Assert.Equal("a1", (await receive)!.MessageId);
    }

    [Fact]
    public async Task Receiver_that_waits_for_several_gets_what_was_sent_together()
    {
        await using var ns = InMemory();
        await using var receiver = await ns.AcceptAsync(Work, "s1");
        var receive = receiver.ReceiveMessagesAsync(10);
        await ns.SendAsync(Work, "m1", "m2", "m3");

        Assert.Equal(3, (await receive).Count);
    }

    [Fact]
    public async Task Receive_ends_with_nothing_after_its_wait_time()
    {
        await using var ns = InMemory();
        await using var receiver = await ns.AcceptAsync(Work, "s1");
        var receive = receiver.ReceiveMessageAsync(TimeSpan.FromSeconds(1));
        ns.Clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Null(await receive);
    }

    [Fact]
    public async Task Cancelled_wait_takes_nothing()
    {
        await using var ns = InMemory();
        await using var receiver = await ns.AcceptAsync(Work, "s1");
        using var stop = new CancellationTokenSource();
        var receive = receiver.ReceiveMessageAsync(null, stop.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => receive);
        await ns.SendAsync(Work, "m1");

        Assert.Equal(0, ns.Broker.Counts(Work).Locked);
        Assert.Equal("m1", (await receiver.ReceiveMessageAsync())!.MessageId);
    }

    [Fact]
    public async Task Session_state_is_kept_while_nobody_holds_the_session()
    {
        await using var ns = InMemory();
        await using (var receiver = await ns.AcceptAsync(Work, "s1"))
        {
            Assert.Null(await receiver.GetSessionStateAsync());
            await receiver.SetSessionStateAsync(BinaryData.FromString("state"));
        }

        await using var next = await ns.AcceptAsync(Work, "s1");
        Assert.Equal("state", (await next.GetSessionStateAsync())!.ToString());
        await next.SetSessionStateAsync(null);
        Assert.Null(await next.GetSessionStateAsync());
    }

    [Fact]
    public async Task Entity_with_sessions_is_received_from_without_one_and_refuses()
    {
        await using var ns = InMemory();
        await Assert.ThrowsAsync<InvalidOperationException>(() => ns.Client.CreateReceiver(Work).ReceiveMessageAsync());
        await Assert.ThrowsAsync<InvalidOperationException>(() => ns.AcceptAsync(Plain));
    }

    [Fact]
    public async Task Sessions_that_are_done_with_are_forgotten_and_idle_broker_sets_no_timer()
    {
        await using var ns = InMemory();
        for (var i = 0; i < 500; i++)
            await ns.SendAsync(Work, Message(Invariant($"m{i}"), Invariant($"s{i}")));
        for (var i = 0; i < 500; i++)
        {
            await using var receiver = await ns.AcceptAsync(Work);
            await receiver.CompleteMessageAsync((await receiver.ReceiveMessageAsync())!);
        }

        Assert.Equal(0, ns.Broker.SessionsInMemory);
        ns.Clock.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(0, ns.Clock.ArmedTimers);
    }
}

using Azure.Messaging.ServiceBus;
using static Pipeline.Tests.BrokerNamespace;

namespace Pipeline.Tests;

public sealed class BrokerSessionLockTests
{
    [Fact]
    public async Task Lock_expires_and_what_it_held_comes_again_with_a_raised_count()
    {
        await using var ns = InMemory();
        await ns.SendAsync(Work, "m1", "m2", "m3");
        await using var slow = await ns.AcceptAsync(Work);
        var held = await slow.ReceiveMessagesAsync(2);
        ns.Clock.Advance(LockDuration);
        await FailsAsync(ServiceBusFailureReason.SessionLockLost, () => slow.CompleteMessageAsync(held[0]));
        await FailsAsync(ServiceBusFailureReason.SessionLockLost, () => slow.ReceiveMessageAsync());

        await using var next = await ns.AcceptAsync(Work);
        var again = await next.ReceiveMessagesAsync(10);
        Assert.Equal(["m1", "m2", "m3"], Ids(again));
        Assert.Equal([2, 2, 1], again.Select(m => m.DeliveryCount));
    }

    [Fact]
    public async Task Receive_that_waits_when_the_lock_expires_fails()
    {
        await using var ns = InMemory();
        await using var receiver = await ns.AcceptAsync(Work, "s1");
        var receive = receiver.ReceiveMessageAsync(TimeSpan.FromMinutes(2));
        ns.Clock.Advance(LockDuration);

        await FailsAsync(ServiceBusFailureReason.SessionLockLost, () => receive);
    }

    [Fact]
    public async Task Lock_expired_by_a_test_is_lost_like_any_other()
    {
        await using var ns = InMemory();
        await ns.SendAsync(Work, "m1");
        await using var receiver = await ns.AcceptAsync(Work);
        var message = (await receiver.ReceiveMessageAsync())!;
        ns.Broker.ExpireSessionLock(Work, "s1");

        await Assert.ThrowsAsync<ServiceBusException>(() => receiver.CompleteMessageAsync(message));
        await using var next = await ns.AcceptAsync(Work);
        Assert.Equal(2, (await next.ReceiveMessageAsync())!.DeliveryCount);
    }

    [Fact]
    public async Task Renewed_lock_holds_for_another_lock_duration()
    {
        await using var ns = InMemory();
        await ns.SendAsync(Work, "m1");
        await using var receiver = await ns.AcceptAsync(Work);
        var message = (await receiver.ReceiveMessageAsync())!;
        ns.Clock.Advance(TimeSpan.FromSeconds(50));
        await receiver.RenewSessionLockAsync();
        ns.Clock.Advance(TimeSpan.FromSeconds(50));

        Assert.Equal(ns.Clock.GetUtcNow() + TimeSpan.FromSeconds(10), receiver.SessionLockedUntil);
        await receiver.CompleteMessageAsync(message);
        Assert.Equal(0, ns.Broker.Counts(Work).Active);
    }

    [Fact]
    public async Task Closed_receiver_releases_its_session_without_raising_counts()
    {
        await using var ns = InMemory();
        await ns.SendAsync(Work, "m1", "m2");
        var first = await ns.AcceptAsync(Work);
        await first.ReceiveMessagesAsync(2);
        await first.CloseAsync();
        Assert.True(first.IsClosed);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => first.ReceiveMessageAsync());

        await using var next = await ns.AcceptAsync(Work);
        var again = await next.ReceiveMessagesAsync(10);
        Assert.Equal(["m1", "m2"], Ids(again));
        Assert.All(again, m => Assert.Equal(1, m.DeliveryCount));
    }

    [Fact]
    public async Task Disposed_client_releases_its_sessions()
    {
        await using var ns = InMemory();
        await using var other = new InProcessServiceBus(() => ns.Broker);
        await ns.SendAsync(Work, "m1");
        await ns.AcceptAsync(Work);
        var accept = other.AcceptNextSessionAsync(Work);
        Assert.False(accept.IsCompleted);
        await ns.Client.DisposeAsync();

        Assert.Equal("s1", (await accept).SessionId);
    }
}

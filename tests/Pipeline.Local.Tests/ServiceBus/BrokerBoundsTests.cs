using Azure.Messaging.ServiceBus;
using static Pipeline.Tests.BrokerNamespace;

namespace Pipeline.Tests;

/// <summary>What flows through leaves nothing behind.</summary>
public sealed class BrokerBoundsTests
{
    private const long Megabyte = 1024 * 1024;

    [Fact]
    public async Task Journal_stays_small_however_much_flows_through()
    {
        await using var ns = OnDisk();
        var body = new string('x', 200 * 1024);
        var receiver = ns.Client.CreateReceiver(Plain);
        long largest = 0;
        for (var i = 0; i < 1000; i++)
        {
            await ns.SendAsync(Plain, new ServiceBusMessage(body) { MessageId = Invariant($"m{i}"), TimeToLive = TimeSpan.FromHours(1) });
            await receiver.CompleteMessageAsync((await receiver.ReceiveMessageAsync())!);
            largest = Math.Max(largest, new FileInfo(ns.JournalPath).Length);
        }

        // 200 MB have flowed; compaction begins at 64 MB.
        Assert.InRange(largest, 0, 66 * Megabyte);
        Assert.InRange(ns.Broker.JournalLiveBytes, 0, Megabyte);
        ns.Restart();
        Assert.Equal(default, ns.Broker.Counts(Plain));
    }

    [Fact]
    public async Task Nothing_is_kept_of_messages_sessions_lifetimes_and_ids_that_are_gone()
    {
        await using var ns = InMemory();
        for (var i = 0; i < 20_000; i++)
        {
            await ns.SendAsync(Work, new ServiceBusMessage("x") { MessageId = Invariant($"m{i}"), SessionId = Invariant($"s{i}"), TimeToLive = TimeSpan.FromHours(1) });
            if (i % 2 == 0)
                continue;
            for (var n = 0; n < 2; n++)
            {
                await using var session = await ns.AcceptAsync(Work);
                await session.CompleteMessageAsync((await session.ReceiveMessageAsync())!);
            }
        }

        var held = ns.Broker.ItemsInMemory;
        Assert.Equal(0, ns.Broker.SessionsInMemory);
        Assert.Equal((0, 0, 20_000), (held.Messages, held.Due, held.Ids));
        ns.Clock.Advance(TimeSpan.FromMinutes(10));
        await ns.SendAsync(Plain, "last");
        ns.Clock.Advance(TimeSpan.FromMinutes(10));
        await ns.SendAsync(Work, Message("one more"));
        Assert.InRange(ns.Broker.ItemsInMemory.Ids, 1, 2);
    }

    /// <summary>Not on the test runner's synchronization context, where ten thousand continuations take many seconds.</summary>
    [Fact]
    public Task Ten_thousand_receivers_wait_and_are_served_in_turn() => Task.Run(async () =>
    {
        await using var ns = InMemory();
        var receiver = ns.Client.CreateReceiver(Plain, new ServiceBusReceiverOptions { ReceiveMode = ServiceBusReceiveMode.ReceiveAndDelete });
        var waiting = Enumerable.Range(0, 10_000).Select(_ => receiver.ReceiveMessageAsync(TimeSpan.FromMinutes(5))).ToList();
        Assert.Equal(1, ns.Clock.ArmedTimers);
        for (var i = 0; i < 50; i++)
            await ns.SendAsync(Plain, [.. Enumerable.Range(0, 100).Select(n => Message(Invariant($"m{(i * 100) + n}"), null))]);
        var served = await Task.WhenAll(waiting.Take(5000));
        Assert.Equal(Enumerable.Range(0, 5000).Select(i => Invariant($"m{i}")), served.Select(m => m!.MessageId!));
        ns.Clock.Advance(TimeSpan.FromMinutes(5));
        Assert.All(await Task.WhenAll(waiting.Skip(5000)), Assert.Null);
        Assert.Equal((0, 0), (ns.Broker.ItemsInMemory.Messages, ns.Broker.ItemsInMemory.Due));
    });

    [Fact]
    public Task Waiters_that_are_cancelled_leave_nothing() => Task.Run(async () =>
    {
        await using var ns = InMemory();
        using var stop = new CancellationTokenSource();
        var receiver = ns.Client.CreateReceiver(Plain);
        var waiting = Enumerable.Range(0, 1000).Select(_ => receiver.ReceiveMessageAsync(TimeSpan.FromMinutes(5), stop.Token)).ToList();
        await stop.CancelAsync();
        foreach (var wait in waiting)
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => wait);
        Assert.Equal(0, ns.Broker.ItemsInMemory.Due);
    });
}

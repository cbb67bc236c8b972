using Azure.Messaging.ServiceBus;
using static Pipeline.Tests.BrokerNamespace;

namespace Pipeline.Tests;

public sealed class BrokerScheduleTests
{
    [Fact]
    public async Task Scheduled_message_is_enqueued_at_its_time_as_if_sent_then()
    {
        await using var ns = InMemory();
        var number = await ns.Client.CreateSender(Work).ScheduleMessageAsync(Message("late"), ns.Clock.GetUtcNow() + TimeSpan.FromHours(1));
        await ns.SendAsync(Work, "early");
        Assert.Equal((1, 1), (ns.Broker.Counts(Work).Active, ns.Broker.Counts(Work).Scheduled));
        ns.Clock.Advance(TimeSpan.FromHours(1));
        await using var receiver = await ns.AcceptAsync(Work);
        var all = await receiver.ReceiveMessagesAsync(10);

        Assert.Equal(["early", "late"], Ids(all));
        Assert.NotEqual(number, all[1].SequenceNumber);
        Assert.Equal(ns.Clock.GetUtcNow(), all[1].EnqueuedTime);
        Assert.Equal(ns.Clock.GetUtcNow(), all[1].ScheduledEnqueueTime);
    }

    [Fact]
    public async Task Scheduled_event_is_matched_when_it_is_enqueued_and_wakes_who_waits()
    {
        await using var ns = InMemory();
        var accept = ns.AcceptAsync(Billing);
        var message = Event("e1");
        message.ScheduledEnqueueTime = ns.Clock.GetUtcNow() + TimeSpan.FromSeconds(30);
        await ns.SendAsync("orders", message);
        Assert.Equal(1, ns.Broker.Counts("orders").Scheduled);
        Assert.False(accept.IsCompleted);
        ns.Clock.Advance(TimeSpan.FromSeconds(30));

        Assert.Equal("e1", (await (await accept).ReceiveMessageAsync())!.MessageId);
        Assert.Equal(1, ns.Broker.Counts(Audit).Active);
    }

    [Fact]
    public async Task Cancelled_message_never_comes_and_cannot_be_cancelled_twice()
    {
        await using var ns = InMemory();
        var sender = ns.Client.CreateSender(Work);
        var numbers = await sender.ScheduleMessagesAsync([Message("m1"), Message("m2")], ns.Clock.GetUtcNow() + TimeSpan.FromHours(1));
        await sender.CancelScheduledMessageAsync(numbers[0]);
        await FailsAsync(ServiceBusFailureReason.MessageNotFound, () => sender.CancelScheduledMessagesAsync(numbers));
        ns.Clock.Advance(TimeSpan.FromHours(2));

        await using var receiver = await ns.AcceptAsync(Work);
        Assert.Equal(["m2"], Ids(await receiver.ReceiveMessagesAsync(10)));
    }

    [Fact]
    public async Task Scheduled_message_counts_for_duplicate_detection_from_the_moment_it_is_sent()
    {
        await using var ns = InMemory();
        await ns.Client.CreateSender(Work).ScheduleMessageAsync(Message("m1"), ns.Clock.GetUtcNow() + TimeSpan.FromMinutes(5));
        await ns.SendAsync(Work, "m1");
        ns.Clock.Advance(TimeSpan.FromMinutes(5));

        Assert.Equal(1, ns.Broker.Counts(Work).Active);
    }

    [Fact]
    public async Task Time_that_has_come_means_at_once()
    {
        await using var ns = InMemory();
        await ns.Client.CreateSender(Work).ScheduleMessageAsync(Message("m1"), ns.Clock.GetUtcNow());

        Assert.Equal(1, ns.Broker.Counts(Work).Active);
    }

    [Fact]
    public async Task Scheduled_message_is_seen_by_peek()
    {
        await using var ns = InMemory();
        await ns.Client.CreateSender(Work).ScheduleMessageAsync(Message("m1"), ns.Clock.GetUtcNow() + TimeSpan.FromHours(1));
        var peeked = (await ns.Client.CreateReceiver(Work).PeekMessageAsync())!;

        Assert.Equal(("m1", ServiceBusMessageState.Scheduled), (peeked.MessageId, peeked.State));
    }
}

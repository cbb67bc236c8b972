using System.Runtime.Serialization;
using Azure.Messaging.ServiceBus;
using static Pipeline.Tests.BrokerNamespace;

namespace Pipeline.Tests;

public sealed class BrokerSettlementTests
{
    [Fact]
    public async Task Completed_message_is_gone_and_cannot_be_settled_again()
    {
        await using var ns = InMemory();
        await ns.SendAsync(Work, "m1");
        await using var receiver = await ns.AcceptAsync(Work);
        var message = (await receiver.ReceiveMessageAsync())!;
        await receiver.CompleteMessageAsync(message);

        Assert.Equal(0, ns.Broker.Counts(Work).Active);
        await FailsAsync(ServiceBusFailureReason.SessionLockLost, () => receiver.AbandonMessageAsync(message));
    }

    [Fact]
    public async Task Abandoned_message_comes_again_before_its_followers_with_its_changes()
    {
        await using var ns = InMemory();
        await ns.SendAsync(Work, "m1", "m2", "m3");
        await using var receiver = await ns.AcceptAsync(Work);
        var all = await receiver.ReceiveMessagesAsync(2);
        await receiver.AbandonMessageAsync(all[1]);
        await receiver.AbandonMessageAsync(all[0], new Dictionary<string, object> { ["tried"] = "yes" });
        var again = await receiver.ReceiveMessagesAsync(10);

        Assert.Equal(["m1", "m2", "m3"], Ids(again));
        Assert.Equal([2, 2, 1], again.Select(m => m.DeliveryCount));
        Assert.Equal("yes", again[0].ApplicationProperties["tried"]);
        Assert.Empty(again[1].ApplicationProperties);
    }

    [Fact]
    public async Task Change_of_a_property_that_cannot_be_sent_is_refused_and_the_message_stays_locked()
    {
        await using var ns = InMemory();
        await ns.SendAsync(Work, "m1");
        await using var receiver = await ns.AcceptAsync(Work);
        var message = (await receiver.ReceiveMessageAsync())!;
        var odd = new Dictionary<string, object> { ["list"] = new List<int>() };
        var large = new Dictionary<string, object> { ["a"] = new string('x', 33_000) };

        await Assert.ThrowsAsync<SerializationException>(() => receiver.AbandonMessageAsync(message, odd));
        await Assert.ThrowsAsync<SerializationException>(() => receiver.DeadLetterMessageAsync(message, large));
        await receiver.CompleteMessageAsync(message);
        Assert.Equal(0, ns.Broker.Counts(Work).Active);
    }

    [Fact]
    public async Task Abandoned_message_goes_to_the_receiver_that_waits()
    {
        await using var ns = InMemory();
        await ns.SendAsync(Work, "m1");
        await using var receiver = await ns.AcceptAsync(Work);
        var message = (await receiver.ReceiveMessageAsync())!;
        var receive = receiver.ReceiveMessageAsync();
        await receiver.AbandonMessageAsync(message);

        Assert.Equal(2, (await receive)!.DeliveryCount);
    }

    [Fact]
    public async Task Message_failed_as_often_as_allowed_is_dead_lettered_by_abandon()
    {
        await using var ns = InMemory();
        await ns.SendAsync(Work, "m1", "m2");
        await using var receiver = await ns.AcceptAsync(Work);
        for (var i = 1; i <= 3; i++)
        {
            var message = (await receiver.ReceiveMessageAsync())!;
            Assert.Equal(("m1", i), (message.MessageId, message.DeliveryCount));
            await receiver.AbandonMessageAsync(message);
        }

        Assert.Equal("m2", (await receiver.ReceiveMessageAsync())!.MessageId);
        var dead = (await DeadLettersOf(ns, Work).ReceiveMessageAsync())!;
        Assert.Equal("m1", dead.MessageId);
        Assert.Equal("MaxDeliveryCountExceeded", dead.DeadLetterReason);
        Assert.Contains("3", dead.DeadLetterErrorDescription, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Message_failed_as_often_as_allowed_is_dead_lettered_by_expiry()
    {
        await using var ns = InMemory();
        await ns.SendAsync(Work, "m1");
        for (var i = 0; i < 3; i++)
        {
            var receiver = await ns.AcceptAsync(Work);
            await receiver.ReceiveMessageAsync();
            ns.Clock.Advance(LockDuration);
        }

        Assert.Equal((0, 1), (ns.Broker.Counts(Work).Active, ns.Broker.Counts(Work).DeadLettered));
    }

    [Fact]
    public async Task Dead_letter_carries_reason_description_properties_session_and_its_number()
    {
        await using var ns = InMemory();
        await ns.SendAsync(Work, "m1", "m2");
        await using var receiver = await ns.AcceptAsync(Work);
        var all = await receiver.ReceiveMessagesAsync(2);
        await receiver.DeadLetterMessageAsync(all[1], new Dictionary<string, object> { ["entry"] = 7 }, "Poison", "Cannot be read.");
        await receiver.DeadLetterMessageAsync(all[0], "Blocked");
        var deadLetters = DeadLettersOf(ns, Work);
        var dead = await deadLetters.ReceiveMessagesAsync(10);

        Assert.Equal(["m1", "m2"], Ids(dead));
        Assert.Equal(("Poison", "Cannot be read."), (dead[1].DeadLetterReason, dead[1].DeadLetterErrorDescription));
        Assert.Equal(7, dead[1].ApplicationProperties["entry"]);
        Assert.Equal(("Blocked", null), (dead[0].DeadLetterReason, dead[0].DeadLetterErrorDescription));
        Assert.Equal(("s1", all[1].SequenceNumber), (dead[1].SessionId, dead[1].SequenceNumber));
        Assert.EndsWith(DeadLetterQueueSuffix, deadLetters.EntityPath, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Dead_letter_has_a_lock_of_its_own_and_is_never_dead_lettered_by_count()
    {
        await using var ns = InMemory();
        await ns.SendAsync(Work, "m1");
        await using (var receiver = await ns.AcceptAsync(Work))
            await receiver.DeadLetterMessageAsync((await receiver.ReceiveMessageAsync())!);
        var deadLetters = DeadLettersOf(ns, Work);
        for (var i = 0; i < 10; i++)
        {
            Assert.NotNull(await deadLetters.ReceiveMessageAsync());
            ns.Clock.Advance(LockDuration);
        }

        var dead = (await deadLetters.ReceiveMessageAsync())!;
        await Assert.ThrowsAsync<InvalidOperationException>(() => deadLetters.DeadLetterMessageAsync(dead));
        await deadLetters.CompleteMessageAsync(dead);
        Assert.Equal(0, ns.Broker.Counts(Work).DeadLettered);
    }

    [Fact]
    public async Task Dead_letter_is_sent_again_without_what_made_it_one()
    {
        await using var ns = InMemory();
        await ns.SendAsync("orders", Event("e1"));
        await using (var receiver = await ns.AcceptAsync(Billing))
            await receiver.DeadLetterMessageAsync((await receiver.ReceiveMessageAsync())!, "Poison");
        var deadLetters = ns.Client.CreateReceiver("orders", "billing/$DeadLetterQueue");
        var again = new ServiceBusMessage((await deadLetters.ReceiveMessageAsync())!) { MessageId = "replay-e1" };
        again.ApplicationProperties["replayfor"] = Billing;
        await ns.SendAsync("orders", again);
        await using var next = await ns.AcceptAsync(Billing);
        var message = (await next.ReceiveMessageAsync())!;

        Assert.Equal(("replay-e1", "s1", "e1"), (message.MessageId, message.SessionId, message.Body.ToString()));
        Assert.Null(message.DeadLetterReason);
        Assert.Equal(2, message.ApplicationProperties.Count);
        Assert.Equal(1, ns.Broker.Counts(Audit).Active);
    }

    [Fact]
    public async Task Deferred_message_is_received_by_number_only()
    {
        await using var ns = InMemory();
        await ns.SendAsync(Work, "m1", "m2");
        await using var receiver = await ns.AcceptAsync(Work);
        var first = (await receiver.ReceiveMessageAsync())!;
        await receiver.DeferMessageAsync(first);
        Assert.Equal(["m2"], Ids(await ReceiveAllAsync(receiver)));
        Assert.Equal(1, ns.Broker.Counts(Work).Deferred);

        var again = await receiver.ReceiveDeferredMessageAsync(first.SequenceNumber);
        Assert.Equal(("m1", ServiceBusMessageState.Deferred), (again.MessageId, again.State));
        await receiver.CompleteMessageAsync(again);
        Assert.Equal(1, ns.Broker.Counts(Work).Active);
        await Assert.ThrowsAsync<ServiceBusException>(() => receiver.ReceiveDeferredMessageAsync(first.SequenceNumber));
    }

    [Fact]
    public async Task Peek_shows_every_message_page_by_page_and_locks_none()
    {
        await using var ns = InMemory();
        await ns.SendAsync(Work, [.. Enumerable.Range(0, 150).Select(i => Invariant($"m{i:000}"))]);
        await using var session = await ns.AcceptAsync(Work);
        await session.ReceiveMessagesAsync(3);
        var receiver = ns.Client.CreateReceiver(Work);
        var first = await receiver.PeekMessagesAsync(100);
        var second = await receiver.PeekMessagesAsync(100);

        Assert.Equal(100, first.Count);
        Assert.Equal("m149", second[^1].MessageId);
        Assert.Equal(50, second.Count);
        Assert.Null(await receiver.PeekMessageAsync());
        Assert.Equal("m010", (await receiver.PeekMessageAsync(first[10].SequenceNumber))!.MessageId);
        Assert.Equal(3, ns.Broker.Counts(Work).Locked);
        Assert.Equal(0, first[20].DeliveryCount);
    }

    [Fact]
    public async Task Receive_and_delete_takes_the_message_for_good()
    {
        await using var ns = InMemory();
        await ns.SendAsync(Plain, "m1");
        var options = new ServiceBusReceiverOptions { ReceiveMode = ServiceBusReceiveMode.ReceiveAndDelete };
        var receiver = ns.Client.CreateReceiver(Plain, options);
        var message = (await receiver.ReceiveMessageAsync())!;

        Assert.Equal(0, ns.Broker.Counts(Plain).Active);
        await Assert.ThrowsAsync<InvalidOperationException>(() => receiver.CompleteMessageAsync(message));
    }

    [Fact]
    public async Task Message_of_an_entity_without_sessions_has_its_own_lock()
    {
        await using var ns = InMemory();
        await ns.SendAsync(Plain, "m1", "m2");
        var receiver = ns.Client.CreateReceiver(Plain);
        var first = (await receiver.ReceiveMessageAsync())!;
        var second = (await receiver.ReceiveMessageAsync())!;
        Assert.Equal(ns.Clock.GetUtcNow() + LockDuration, first.LockedUntil);
        ns.Clock.Advance(TimeSpan.FromSeconds(40));
        await receiver.RenewMessageLockAsync(second);
        ns.Clock.Advance(TimeSpan.FromSeconds(40));

        await FailsAsync(ServiceBusFailureReason.MessageLockLost, () => receiver.CompleteMessageAsync(first));
        await receiver.CompleteMessageAsync(second);
        var again = (await receiver.ReceiveMessageAsync())!;
        Assert.Equal(("m1", 2), (again.MessageId, again.DeliveryCount));
        await receiver.CompleteMessageAsync(again);
        await ns.Broker.WaitUntilEmptyAsync([Plain], CancellationToken.None);
    }

    [Fact]
    public async Task Wait_until_empty_ends_with_the_last_message()
    {
        await using var ns = InMemory();
        await ns.SendAsync(Work, "m1", "m2");
        var empty = ns.Broker.WaitUntilEmptyAsync([], CancellationToken.None);
        await using var receiver = await ns.AcceptAsync(Work);
        var all = await receiver.ReceiveMessagesAsync(2);
        await receiver.CompleteMessageAsync(all[0]);
        await receiver.DeadLetterMessageAsync(all[1]);
        Assert.False(empty.IsCompleted);
        var deadLetters = DeadLettersOf(ns, Work);
        await deadLetters.CompleteMessageAsync((await deadLetters.ReceiveMessageAsync())!);

        await empty.WaitAsync(TimeSpan.FromSeconds(30));
    }

    private static ServiceBusReceiver DeadLettersOf(BrokerNamespace ns, string queue) =>
        ns.Client.CreateReceiver(queue, new ServiceBusReceiverOptions { SubQueue = SubQueue.DeadLetter });
}

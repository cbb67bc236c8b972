using System.Transactions;
using Azure.Messaging.ServiceBus;
using Pipeline.Local.ServiceBus;
using static Pipeline.Tests.BrokerNamespace;

namespace Pipeline.Tests;

public sealed class BrokerTransactionTests
{
    private static TransactionScope Scope() => new(TransactionScopeAsyncFlowOption.Enabled);

    [Fact]
    public async Task Nothing_is_seen_before_the_commit_and_all_of_it_after()
    {
        await using var ns = InMemory();
        await ns.SendAsync(Plain, Message("in", null));
        var receiver = ns.Client.CreateReceiver(Plain);
        var sender = ns.Client.CreateSender(Plain);
        var message = (await receiver.ReceiveMessageAsync())!;
        using (var scope = Scope())
        {
            await receiver.CompleteMessageAsync(message);
            await sender.SendMessageAsync(Message("a", null));
            await sender.SendMessagesAsync([Message("b", null), Message("c", null)]);
            Assert.Equal((1, 1), (ns.Broker.Counts(Plain).Active, ns.Broker.Counts(Plain).Locked));
            scope.Complete();
        }

        Assert.Equal(["a", "b", "c"], Ids(await ReceiveAllAsync(receiver)));
    }

    [Fact]
    public async Task Rollback_leaves_the_message_locked_and_settleable_and_sends_nothing()
    {
        await using var ns = InMemory();
        await ns.SendAsync(Plain, Message("in", null));
        var receiver = ns.Client.CreateReceiver(Plain);
        var message = (await receiver.ReceiveMessageAsync())!;
        using (Scope())
        {
            await receiver.DeadLetterMessageAsync(message, "no");
            await ns.Client.CreateSender(Plain).SendMessageAsync(Message("a", null));
        }

        Assert.Equal((1, 1, 0), (ns.Broker.Counts(Plain).Active, ns.Broker.Counts(Plain).Locked, ns.Broker.Counts(Plain).DeadLettered));
        await receiver.CompleteMessageAsync(message);
        await ns.SendAsync(Plain, Message("a", null));
        Assert.Equal(["a"], Ids(await ReceiveAllAsync(receiver)));
    }

    [Fact]
    public async Task Every_settlement_and_schedule_takes_part()
    {
        await using var ns = InMemory();
        await ns.SendAsync(Work, "done", "again", "later", "dead");
        var sender = ns.Client.CreateSender(Work);
        var hour = ns.Clock.GetUtcNow().AddHours(1);
        var cancelled = await sender.ScheduleMessageAsync(Message("cancelled"), hour);
        await using var receiver = await ns.AcceptAsync(Work);
        var messages = await receiver.ReceiveMessagesAsync(4);
        for (var commit = 0; commit < 2; commit++)
        {
            using var scope = Scope();
            await receiver.CompleteMessageAsync(messages[0]);
            await receiver.AbandonMessageAsync(messages[1]);
            await receiver.DeferMessageAsync(messages[2]);
            await receiver.DeadLetterMessageAsync(messages[3], "bad");
            await sender.CancelScheduledMessageAsync(cancelled);
            var number = await sender.ScheduleMessageAsync(Message("scheduled"), hour);
            Assert.True(number > cancelled);
            Assert.Equal(new EntityCounts(4, 4, 0, 1, 0), ns.Broker.Counts(Work));
            if (commit == 1)
                scope.Complete();
        }

        Assert.Equal(new EntityCounts(1, 0, 1, 1, 1), ns.Broker.Counts(Work));
        ns.Clock.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(["again"], Ids(await ReceiveAllAsync(receiver)));
        Assert.Equal("scheduled", (await receiver.PeekMessagesAsync(10))[^1].MessageId);
    }

    [Fact]
    public async Task Commit_after_a_lock_was_lost_does_nothing_at_all()
    {
        await using var ns = InMemory();
        await ns.SendAsync(Work, "m");
        var receiver = await ns.AcceptAsync(Work);
        var message = (await receiver.ReceiveMessageAsync())!;
        var scope = Scope();
        await ns.Client.CreateSender(Work).SendMessageAsync(Message("out"));
        await receiver.CompleteMessageAsync(message);
        ns.Clock.Advance(LockDuration);
        scope.Complete();

        var error = Assert.Throws<TransactionAbortedException>(scope.Dispose);
        Assert.Equal(BrokerFailure.SessionLockLost, Assert.IsType<BrokerException>(error.InnerException).Reason);
        Assert.Equal(1, ns.Broker.Counts(Work).Active);
    }

    [Fact]
    public async Task Transaction_that_lasts_longer_than_two_minutes_is_aborted()
    {
        await using var ns = InMemory();
        var scope = Scope();
        await ns.Client.CreateSender(Plain).SendMessageAsync(Message("m", null));
        ns.Clock.Advance(TimeSpan.FromMinutes(2) + TimeSpan.FromSeconds(1));
        scope.Complete();

        Assert.Throws<TransactionAbortedException>(scope.Dispose);
        Assert.Equal(0, ns.Broker.Counts(Plain).Active);
    }

    [Fact]
    public async Task More_than_100_messages_are_refused()
    {
        await using var ns = InMemory();
        var sender = ns.Client.CreateSender(Plain);
        using (var scope = Scope())
        {
            await sender.SendMessagesAsync(Enumerable.Range(0, 100).Select(i => Message(Invariant($"m{i}"), null)));
            await Assert.ThrowsAsync<InvalidOperationException>(() => sender.SendMessageAsync(Message("one more", null)));
            scope.Complete();
        }

        Assert.Equal(100, ns.Broker.Counts(Plain).Active);
    }

    [Fact]
    public async Task Two_entities_are_refused_without_cross_entity_transactions()
    {
        await using var ns = InMemory();
        await using var client = ns.Connect();
        using var scope = Scope();
        await client.CreateSender(Plain).SendMessageAsync(Message("m", null));
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => client.CreateSender(Work).SendMessageAsync(Message("m")));
        Assert.Contains("multiple top-level entities", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Subscription_and_its_topic_are_one_entity()
    {
        await using var ns = InMemory();
        await ns.SendAsync("orders", Event("in"));
        await using var receiver = await ns.AcceptAsync(Billing);
        var message = (await receiver.ReceiveMessageAsync())!;
        using (var scope = Scope())
        {
            await receiver.CompleteMessageAsync(message);
            await ns.Client.CreateSender("orders").SendMessageAsync(Event("out"));
            scope.Complete();
        }

        Assert.Equal(["out"], Ids(await ReceiveAllAsync(receiver)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Cross_entity_client_receives_from_its_first_entity_and_sends_to_any(bool commit)
    {
        await using var ns = InMemory();
        await ns.SendAsync(Plain, Message("in", null));
        await using var client = ns.Connect(new ServiceBusClientOptions { EnableCrossEntityTransactions = true });
        var receiver = client.CreateReceiver(Plain);
        var message = (await receiver.ReceiveMessageAsync())!;
        using (var scope = Scope())
        {
            await receiver.CompleteMessageAsync(message);
            await client.CreateSender(Work).SendMessageAsync(Message("a"));
            await client.CreateSender("orders").SendMessageAsync(Event("b"));
            if (commit)
                scope.Complete();
        }

        Assert.Equal((commit ? 0 : 1, commit ? 1 : 0, commit ? 1 : 0), (ns.Broker.Counts(Plain).Active, ns.Broker.Counts(Work).Active, ns.Broker.Counts(Billing).Active));
        await Assert.ThrowsAsync<InvalidOperationException>(() => client.AcceptNextSessionAsync(Work));
        await Assert.ThrowsAsync<InvalidOperationException>(() => client.CreateReceiver("orders", "audit").ReceiveMessageAsync());
    }

    [Fact]
    public async Task Transaction_is_one_record_so_a_kill_leaves_all_of_it_or_nothing()
    {
        await using var ns = OnDisk();
        await ns.SendAsync(Plain, Message("in", null));
        var receiver = ns.Client.CreateReceiver(Plain);
        for (var cut = 0; cut < 2; cut++)
        {
            var message = (await receiver.ReceiveMessageAsync())!;
            var scope = Scope();
            await receiver.CompleteMessageAsync(message);
            await ns.Client.CreateSender(Plain).SendMessagesAsync([Message("a", null), Message("b", null)]);
            scope.Complete();
            if (cut == 0)
            {
                // The disk is full after half of the record.
                ns.Broker.FailNextAppend(60);
                Assert.Throws<TransactionAbortedException>(scope.Dispose);
                ns.Restart(kill: true);
                Assert.Equal(["in"], Ids(await receiver.PeekMessagesAsync(10, 0)));
                continue;
            }

            scope.Dispose();
            ns.Restart(kill: true);
            Assert.Equal(["a", "b"], Ids(await receiver.PeekMessagesAsync(10, 0)));
        }

        // The last record is torn: all of the transaction is gone, and what it had completed is back.
        using (var scope = Scope())
        {
            await receiver.CompleteMessageAsync((await receiver.ReceiveMessageAsync())!);
            await ns.Client.CreateSender(Plain).SendMessageAsync(Message("c", null));
            scope.Complete();
        }

        ns.Broker.Kill();
        using (var file = new FileStream(ns.JournalPath, FileMode.Open))
            file.SetLength(file.Length - 1);
        ns.Restart();
        Assert.Equal(["a", "b"], Ids(await receiver.PeekMessagesAsync(10, 0)));
    }
}

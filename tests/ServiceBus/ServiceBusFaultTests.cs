using Azure.Messaging.ServiceBus;
using Pipeline.Local.ServiceBus;
using static Pipeline.Tests.BrokerNamespace;

namespace Pipeline.Tests;

/// <summary>Faults on demand, and the client's retries. Time stands still, so a wait that should not be shows.</summary>
public sealed class ServiceBusFaultTests
{
    [Theory]
    [InlineData("busy")]
    [InlineData("busy=2")]
    [InlineData("busy=-0.1")]
    [InlineData("busy=NaN")]
    [InlineData("busy=0.1:x")]
    [InlineData("busy=0.1:60001")]
    [InlineData("drop=0.1:5")]
    [InlineData("latency=0.1")]
    [InlineData("slow=0.1")]
    public void Text_that_is_not_understood_is_refused_by_name(string text)
    {
        var error = Assert.Throws<FormatException>(() => ServiceBusFaults.Parse(text, new Random(1), TimeProvider.System));
        Assert.Contains($"'{text}'", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("busy=1", ServiceBusFailureReason.ServiceBusy, 0, 30)]
    [InlineData("busy=1:100", ServiceBusFailureReason.ServiceBusy, 0, 0.3)]
    [InlineData("drop=1", ServiceBusFailureReason.ServiceCommunicationProblem, 0, 11.2)]
    [InlineData("lost=1", ServiceBusFailureReason.ServiceTimeout, 1, 11.2)]
    public async Task Transient_fault_is_tried_three_times_again_with_growing_waits(
        string faults, ServiceBusFailureReason reason, int kept, double seconds)
    {
        await using var ns = InMemory();
        Make(ns, faults);
        var start = ns.Clock.GetUtcNow();
        var send = ns.SendAsync(Work, "m");
        while (!send.IsCompleted)
        {
            // Time passes only while the client waits.
            if (ns.Clock.ArmedTimers > 0)
                ns.Clock.Advance(TimeSpan.FromMilliseconds(50));
            else
                await Task.Delay(1);
        }

        await FailsAsync(reason, () => send);

        // 1.6 + 3.2 + 6.4 seconds and a little jitter, or the wait that a busy service asks for. Sent again, it is a duplicate.
        var took = (ns.Clock.GetUtcNow() - start).TotalSeconds;
        Assert.InRange(took, seconds, seconds + 1);
        Assert.Equal(kept, ns.Broker.Counts(Work).Active);
    }

    [Theory]
    [InlineData(Work, ServiceBusFailureReason.SessionLockLost)]
    [InlineData(Plain, ServiceBusFailureReason.MessageLockLost)]
    public async Task Lock_lost_before_the_settlement_brings_the_message_back(string queue, ServiceBusFailureReason reason)
    {
        await using var ns = InMemory();
        await ns.SendAsync(queue, Message("m", queue == Plain ? null : "s1"));
        var receiver = queue == Plain ? ns.Client.CreateReceiver(queue) : await ns.AcceptAsync(queue);
        var message = (await receiver.ReceiveMessageAsync())!;
        Make(ns, "lock=1");
        await FailsAsync(reason, () => receiver.CompleteMessageAsync(message));
        ns.Broker.Faults = null;

        var again = queue == Plain ? receiver : await ns.AcceptAsync(queue);
        Assert.Equal(2, (await again.ReceiveMessageAsync())!.DeliveryCount);
    }

    [Theory]
    [InlineData(Work)]
    [InlineData(Plain)]
    public async Task Redelivery_loses_the_lock_right_after_the_delivery(string queue)
    {
        await using var ns = InMemory();
        await ns.SendAsync(queue, Message("m", queue == Plain ? null : "s1"));
        var receiver = queue == Plain ? ns.Client.CreateReceiver(queue) : await ns.AcceptAsync(queue);
        Make(ns, "redeliver=1");
        var message = (await receiver.ReceiveMessageAsync())!;
        ns.Broker.Faults = null;

        Assert.Equal((1, 0), (ns.Broker.Counts(queue).Active, ns.Broker.Counts(queue).Locked));
        await Assert.ThrowsAsync<ServiceBusException>(() => receiver.CompleteMessageAsync(message));
    }

    [Fact]
    public async Task Settlement_whose_reply_is_lost_was_made_and_the_retry_says_that_the_lock_is_gone()
    {
        await using var ns = InMemory();
        await ns.SendAsync(Plain, Message("m", null));
        var receiver = ns.Client.CreateReceiver(Plain);
        var message = (await receiver.ReceiveMessageAsync())!;
        Make(ns, "lost=1");
        var complete = receiver.CompleteMessageAsync(message);
        while (!complete.IsCompleted)
        {
            ns.Clock.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Yield();
        }

        await FailsAsync(ServiceBusFailureReason.MessageLockLost, () => complete);
        Assert.Equal(0, ns.Broker.Counts(Plain).Active);
    }

    [Fact]
    public async Task Within_a_transaction_nothing_is_tried_again()
    {
        await using var ns = InMemory();
        Make(ns, "drop=1");
        using var scope = new System.Transactions.TransactionScope(System.Transactions.TransactionScopeAsyncFlowOption.Enabled);
        await FailsAsync(ServiceBusFailureReason.ServiceCommunicationProblem, () => ns.SendAsync(Work, "m"));
    }

    private static void Make(BrokerNamespace ns, string faults) => ns.Broker.Faults = ServiceBusFaults.Parse(faults, new Random(1), ns.Clock);
}

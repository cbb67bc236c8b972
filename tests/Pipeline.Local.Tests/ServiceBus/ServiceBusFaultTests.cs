using Azure.Messaging.ServiceBus;
using Pipeline.Local.ServiceBus;
using static Pipeline.Tests.BrokerNamespace;

namespace Pipeline.Tests;

/// <summary>Faults on demand, as the official client meets them over AMQP. It tries again by itself where that may help.</summary>
public sealed class ServiceBusFaultTests
{
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(1);

    [Theory]
    [InlineData("busy")]
    [InlineData("busy=2")]
    [InlineData("busy=-0.1")]
    [InlineData("busy=NaN")]
    [InlineData("busy=0.1:500")]
    [InlineData("drop=0.1:5")]
    [InlineData("latency=0.1")]
    [InlineData("latency=0.1:60001")]
    [InlineData("slow=0.1")]
    public void Text_that_is_not_understood_is_refused_by_name(string text)
    {
        var error = Assert.Throws<FormatException>(() => ServiceBusFaults.Parse(text, new Random(1), TimeProvider.System));
        Assert.Contains($"'{text}'", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("busy=1", ServiceBusFailureReason.ServiceBusy, 0)]
    [InlineData("drop=1", ServiceBusFailureReason.GeneralError, 0)]
    [InlineData("lost=1", ServiceBusFailureReason.ServiceTimeout, 1)]
    public async Task Fault_that_does_not_pass_reaches_the_sender(string faults, ServiceBusFailureReason reason, int kept)
    {
        await using var ns = InMemory();
        await using var client = Connect(ns, retries: 0);
        Make(ns, faults);

        var error = await FailsAsync(reason, () => client.CreateSender(Work).SendMessageAsync(Message("m")));
        Assert.True(error.IsTransient);
        Assert.Equal(kept, ns.Broker.Counts(Work).Active);
    }

    [Fact]
    public async Task Fault_that_passes_is_not_seen()
    {
        await using var ns = InMemory();
        await using var client = Connect(ns, retries: 20);
        Make(ns, "drop=0.5");
        for (var i = 0; i < 10; i++)
            await client.CreateSender(Work).SendMessageAsync(Message(Invariant($"m{i}")));

        Assert.Equal(10, ns.Broker.Counts(Work).Active);
    }

    [Theory]
    [InlineData(Work, ServiceBusFailureReason.SessionLockLost)]
    [InlineData(Plain, ServiceBusFailureReason.MessageLockLost)]
    public async Task Lock_lost_before_the_settlement_brings_the_message_back(string queue, ServiceBusFailureReason reason)
    {
        await using var ns = InMemory();
        await using var client = Connect(ns, retries: 0);
        await ns.SendAsync(queue, Message("m", queue == Plain ? null : "s1"));
        var receiver = queue == Plain ? client.CreateReceiver(queue) : await client.AcceptNextSessionAsync(queue);
        var message = await receiver.ReceiveMessageAsync();
        Make(ns, "lock=1");
        await FailsAsync(reason, () => receiver.CompleteMessageAsync(message));
        ns.Broker.Faults = null;

        await using var again = queue == Plain ? client.CreateReceiver(queue) : await client.AcceptNextSessionAsync(queue);
        Assert.Equal(2, (await again.ReceiveMessageAsync()).DeliveryCount);
    }

    [Theory]
    [InlineData(Work)]
    [InlineData(Plain)]
    public async Task Redelivery_loses_the_lock_right_after_the_delivery(string queue)
    {
        await using var ns = InMemory();
        await using var client = Connect(ns, retries: 0);
        await ns.SendAsync(queue, Message("m", queue == Plain ? null : "s1"));
        var receiver = queue == Plain ? client.CreateReceiver(queue) : await client.AcceptNextSessionAsync(queue);
        Make(ns, "redeliver=1");
        var message = await receiver.ReceiveMessageAsync();
        ns.Broker.Faults = null;

        Assert.Equal((1, 0), (ns.Broker.Counts(queue).Active, ns.Broker.Counts(queue).Locked));
        await Assert.ThrowsAsync<ServiceBusException>(() => receiver.CompleteMessageAsync(message));
    }

    [Fact]
    public async Task Settlement_whose_reply_is_lost_was_made_and_the_retry_says_that_the_lock_is_gone()
    {
        await using var ns = InMemory();
        await using var client = Connect(ns, retries: 1);
        await ns.SendAsync(Plain, Message("m", null));
        var receiver = client.CreateReceiver(Plain);
        var message = await receiver.ReceiveMessageAsync();
        Make(ns, "lost=1");

        await FailsAsync(ServiceBusFailureReason.MessageLockLost, () => receiver.CompleteMessageAsync(message));
        Assert.Equal(0, ns.Broker.Counts(Plain).Active);
    }

    [Fact]
    public async Task Host_s_receiver_meets_what_its_client_could_not_help()
    {
        await using var ns = InMemory();
        await ns.SendAsync(Plain, Message("m", null));
        var receiver = new BrokerReceiver(() => ns.Broker, Plain);
        var delivery = Assert.Single(await receiver.ReceiveAsync(1, TimeSpan.FromMinutes(1), default));
        Make(ns, "drop=1");
        await receiver.RenewMessageLockAsync(delivery.LockToken);
        Make(ns, "lost=1");

        var error = await Assert.ThrowsAsync<BrokerException>(() => receiver.SettleAsync(delivery.LockToken, Settlement.Complete));
        Assert.Equal(BrokerFailure.MessageLockLost, error.Reason);
        Assert.Equal(0, ns.Broker.Counts(Plain).Active);
    }

    private static ServiceBusClient Connect(BrokerNamespace ns, int retries) => ns.Connect(new ServiceBusClientOptions
    {
        RetryOptions = new ServiceBusRetryOptions { MaxRetries = retries, Delay = Short, MaxDelay = TimeSpan.FromMilliseconds(10) },
    });

    private static void Make(BrokerNamespace ns, string faults) => ns.Broker.Faults = ServiceBusFaults.Parse(faults, new Random(1), ns.Clock);
}

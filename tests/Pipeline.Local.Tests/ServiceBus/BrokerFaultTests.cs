using Azure.Messaging.ServiceBus;
using Pipeline.Local.ServiceBus;
using static Pipeline.Tests.BrokerNamespace;

namespace Pipeline.Tests;

public sealed class BrokerFaultTests
{
    [Fact]
    public async Task Injected_fault_before_accepting_keeps_nothing()
    {
        await using var ns = InMemory();
        ns.Broker.OnSend = (_, _) => ValueTask.FromResult(
            SendFault.FailBeforeAccepting(new BrokerException("busy", BrokerFailure.ServiceBusy)));
        await FailsAsync(ServiceBusFailureReason.ServiceBusy, () => ns.SendAsync(Work, "m1"));
        Assert.Equal(0, ns.Broker.Counts(Work).Active);
    }

    [Fact]
    public async Task Injected_fault_after_accepting_keeps_the_message_and_a_second_send_is_a_duplicate()
    {
        await using var ns = InMemory();
        ns.Broker.OnSend = (_, _) => ValueTask.FromResult(SendFault.AcceptThenFail());
        await Assert.ThrowsAsync<ServiceBusException>(() => ns.SendAsync(Work, "m1"));
        ns.Broker.OnSend = (entity, messages) =>
        {
            Assert.Equal((Work, 1), (entity, messages.Count));
            return ValueTask.FromResult(SendFault.None);
        };
        await ns.SendAsync(Work, "m1");

        Assert.Equal(1, ns.Broker.Counts(Work).Active);
    }

    [Fact]
    public async Task Duplicates_also_come_to_a_receiver_that_waits_and_deletes()
    {
        await using var ns = InMemory();
        ns.Broker.DuplicateMessages(1, new Random(1));
        var options = new ServiceBusReceiverOptions { ReceiveMode = ServiceBusReceiveMode.ReceiveAndDelete };
        var receiver = ns.Client.CreateReceiver(Plain, options);
        var received = new List<string>();
        for (var i = 0; i < 20; i++)
        {
            var receive = receiver.ReceiveMessageAsync();
            await ns.SendAsync(Plain, Invariant($"m{i}"));
            received.Add((await receive)!.MessageId!);
            received.AddRange(Ids(await ReceiveAllAsync(receiver)));
        }

        Assert.Equal(20, received.Distinct().Count());
        Assert.Equal(40, received.Count);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Duplicated_messages_come_twice_in_their_session_and_in_order_otherwise(int seed)
    {
        await using var ns = InMemory();
        ns.Broker.DuplicateMessages(0.5, new Random(seed));
        for (var i = 0; i < 200; i++)
            await ns.SendAsync(Work, Message(Invariant($"m{i:000}"), session: Invariant($"s{i % 5}")));
        var received = new List<ServiceBusReceivedMessage>();
        while (ns.Broker.Counts(Work).Active > 0)
        {
            await using var receiver = await ns.AcceptAsync(Work);
            foreach (var message in await ReceiveAllAsync(receiver))
            {
                received.Add(message);
                await receiver.CompleteMessageAsync(message);
            }
        }

        Assert.Equal(200, Ids(received).Distinct().Count());
        Assert.InRange(received.Count, 260, 340);
        Assert.All(received.GroupBy(m => m.MessageId), twins => Assert.InRange(twins.Count(), 1, 2));
        foreach (var session in received.GroupBy(m => m.SessionId))
        {
            var first = Ids(session).Distinct().ToList();
            Assert.Equal(first.Order(StringComparer.Ordinal), first);
        }
    }
}

using System.Runtime.Serialization;
using Azure.Messaging.ServiceBus;
using static Pipeline.Tests.BrokerNamespace;

namespace Pipeline.Tests;

public sealed class BrokerSendTests
{
    [Fact]
    public async Task Event_of_a_subscribed_type_reaches_every_subscription_with_a_rule_once()
    {
        await using var ns = InMemory();
        await ns.SendAsync("orders", Event("e1"), Event("e2", type: Cancelled), Event("e3", type: "com.contoso.other.v1"));

        Assert.Equal(2, ns.Broker.Counts(Billing).Active);
        Assert.Equal(1, ns.Broker.Counts(Audit).Active);
    }

    [Fact]
    public async Task Replay_reaches_only_the_subscription_it_is_addressed_to_whatever_its_type()
    {
        await using var ns = InMemory();
        await ns.SendAsync("orders", Event("e1", replayFor: Billing), Event("e2", type: "com.contoso.other.v1", replayFor: Billing));

        Assert.Equal(2, ns.Broker.Counts(Billing).Active);
        Assert.Equal(0, ns.Broker.Counts(Audit).Active);
    }

    [Fact]
    public async Task Event_without_replayfor_matches_no_rule()
    {
        await using var ns = InMemory();
        var message = Event("e1");
        message.ApplicationProperties.Remove("replayfor");
        await ns.SendAsync("orders", message);

        Assert.Equal(0, ns.Broker.Counts(Billing).Active);
    }

    [Fact]
    public async Task Rule_sees_the_value_not_its_text()
    {
        await using var ns = InMemory();
        var message = Event("e1");
        message.ApplicationProperties["cloudEvents_type"] = new Uri(Placed, UriKind.Relative);
        await ns.SendAsync("orders", message);

        Assert.Equal(0, ns.Broker.Counts(Billing).Active);
    }

    [Fact]
    public async Task Message_arrives_with_everything_its_sender_set()
    {
        await using var ns = InMemory();
        var sent = new ServiceBusMessage("body")
        {
            MessageId = "m",
            SessionId = "s",
            PartitionKey = "s",
            CorrelationId = "c",
            Subject = "subject",
            To = "to",
            ContentType = "type",
            ReplyTo = "reply",
            ReplyToSessionId = "reply-session",
            ApplicationProperties = { ["text"] = "t", ["number"] = 42, ["moment"] = DateTimeOffset.UnixEpoch },
        };
        await ns.SendAsync(Work, sent);
        await using var receiver = await ns.AcceptAsync(Work);
        var message = (await receiver.ReceiveMessageAsync())!;

        Assert.Equal("body", message.Body.ToString());
        Assert.Equal(("m", "s", "s", "c"), (message.MessageId, message.SessionId, message.PartitionKey, message.CorrelationId));
        Assert.Equal(("subject", "to", "type"), (message.Subject, message.To, message.ContentType));
        Assert.Equal(("reply", "reply-session"), (message.ReplyTo, message.ReplyToSessionId));
        Assert.Equal(sent.ApplicationProperties, message.ApplicationProperties);
        Assert.Equal(1, message.DeliveryCount);
        Assert.Equal(ns.Clock.GetUtcNow(), message.EnqueuedTime);
        Assert.Equal(TimeSpan.MaxValue, message.TimeToLive);
        Assert.Equal(DateTimeOffset.MaxValue, message.ExpiresAt);
        Assert.Null(message.DeadLetterReason);
    }

    [Fact]
    public async Task Sender_reuses_its_buffer_and_message_keeps_what_was_sent()
    {
        await using var ns = InMemory();
        var buffer = new byte[] { 1, 2, 3 };
        var message = new ServiceBusMessage(new ReadOnlyMemory<byte>(buffer)) { SessionId = "s" };
        await ns.SendAsync(Work, message);
        buffer[0] = 9;
        message.ApplicationProperties["later"] = true;
        await using var receiver = await ns.AcceptAsync(Work);
        var received = (await receiver.ReceiveMessageAsync())!;

        Assert.Equal([1, 2, 3], received.Body.ToArray());
        Assert.Empty(received.ApplicationProperties);
    }

    [Fact]
    public async Task Message_id_that_is_not_set_stays_unset_and_is_never_a_duplicate()
    {
        await using var ns = InMemory();
        await ns.SendAsync(Work, new ServiceBusMessage("a") { SessionId = "s" }, new ServiceBusMessage("b") { SessionId = "s" });
        await using var receiver = await ns.AcceptAsync(Work);
        var received = await receiver.ReceiveMessagesAsync(10);

        Assert.Equal(2, received.Count);
        Assert.All(received, m => Assert.Null(m.MessageId));
    }

    [Fact]
    public async Task Queue_with_sessions_is_sent_a_message_without_one_and_refuses_the_whole_send()
    {
        await using var ns = InMemory();
        await Assert.ThrowsAsync<InvalidOperationException>(() => ns.SendAsync(Work, Message("m1"), Message("m2", session: null)));

        Assert.Equal(0, ns.Broker.Counts(Work).Active);
    }

    [Fact]
    public async Task Topic_is_sent_an_event_without_session_and_subscription_with_sessions_dead_letters_it()
    {
        await using var ns = InMemory();
        await ns.SendAsync("orders", Event("e1", session: null));
        var receiver = ns.Client.CreateReceiver("orders", "billing", new ServiceBusReceiverOptions { SubQueue = SubQueue.DeadLetter });
        var dead = (await receiver.ReceiveMessageAsync())!;

        Assert.Equal("Session ID is null.", dead.DeadLetterReason);
        Assert.Equal("e1", dead.MessageId);
        Assert.Equal(1, ns.Broker.Counts(Audit).Active);
        Assert.Equal(0, ns.Broker.Counts(Billing).Active);
    }

    [Fact]
    public async Task Unknown_entity_is_not_found()
    {
        await using var ns = InMemory();
        var error = await Assert.ThrowsAsync<ServiceBusException>(() => ns.SendAsync("nowhere", "m1"));

        Assert.Equal(ServiceBusFailureReason.MessagingEntityNotFound, error.Reason);
        Assert.False(error.IsTransient);
    }

    [Fact]
    public async Task Same_id_within_the_window_is_accepted_and_dropped_and_after_it_kept()
    {
        await using var ns = InMemory();
        await ns.SendAsync(Work, "m1", "m1");
        await ns.SendAsync(Work, "m1");
        ns.Clock.Advance(TimeSpan.FromMinutes(10) - TimeSpan.FromSeconds(1));
        await ns.SendAsync(Work, "m1");
        Assert.Equal(1, ns.Broker.Counts(Work).Active);

        ns.Clock.Advance(TimeSpan.FromSeconds(1));
        await ns.SendAsync(Work, "m1");
        Assert.Equal(2, ns.Broker.Counts(Work).Active);
    }

    [Fact]
    public async Task Same_id_at_another_entity_is_no_duplicate()
    {
        await using var ns = InMemory();
        await ns.SendAsync(Work, "m1");
        await ns.SendAsync(Plain, "m1");

        Assert.Equal(1, ns.Broker.Counts(Plain).Active);
    }

    [Fact]
    public async Task Too_large_a_message_is_refused()
    {
        await using var ns = InMemory();
        var message = Message("m1", body: new string('x', 256 * 1024));

        await FailsAsync(ServiceBusFailureReason.MessageSizeExceeded, () => ns.SendAsync(Work, message));
    }

    [Fact]
    public async Task Messages_too_large_together_are_refused_together()
    {
        await using var ns = InMemory();
        var half = new string('x', 130 * 1024);
        ServiceBusMessage[] both = [Message("m1", body: half), Message("m2", body: half)];

        await FailsAsync(ServiceBusFailureReason.MessageSizeExceeded, () => ns.SendAsync(Work, both));
        Assert.Equal(0, ns.Broker.Counts(Work).Active);
    }

    [Fact]
    public async Task Batch_takes_what_fits_and_refuses_the_rest()
    {
        await using var ns = InMemory();
        await using var client = ns.Connect();
        var sender = client.CreateSender(Work);
        using var batch = await sender.CreateMessageBatchAsync();
        var added = 0;
        while (batch.TryAddMessage(Message(Invariant($"m{added}"), body: new string('x', 1000))))
            added++;
        await sender.SendMessagesAsync(batch);

        Assert.InRange(added, 200, 262);
        Assert.Equal(added, batch.Count);
        Assert.InRange(batch.SizeInBytes, 250_000, batch.MaxSizeInBytes);
        Assert.Equal(added, ns.Broker.Counts(Work).Active);
    }

    [Fact]
    public async Task Properties_over_64_KB_or_of_an_odd_type_are_refused()
    {
        await using var ns = InMemory();
        var large = Message("m1");
        for (var i = 0; i < 3; i++)
            large.ApplicationProperties[Invariant($"p{i}")] = new string('x', 30_000);
        var odd = Message("m2");
        odd.ApplicationProperties["list"] = new List<int>();
        var longOne = Message("m3");
        longOne.ApplicationProperties["p"] = new string('x', 33_000);

        await Assert.ThrowsAsync<SerializationException>(() => ns.SendAsync(Work, large));
        await Assert.ThrowsAsync<SerializationException>(() => ns.SendAsync(Work, odd));
        await Assert.ThrowsAsync<SerializationException>(() => ns.SendAsync(Work, longOne));
    }
}

using Azure.Messaging.ServiceBus;

namespace Pipeline.Tests.Conformance;

public sealed class ServiceBusConformanceMessages : ServiceBusConformance
{
    [Fact]
    public async Task Completed_message_is_gone()
    {
        var receiver = await EmptyAsync(Plain);
        var sent = Message();
        sent.ApplicationProperties["n"] = 7;
        await SendAsync(Plain, sent);
        var message = await ReceiveAsync(receiver);
        await receiver.CompleteMessageAsync(message);

        Assert.Equal((sent.MessageId, "body", 7, 1), (message.MessageId, message.Body.ToString(), message.ApplicationProperties["n"], message.DeliveryCount));
        await FailsAsync(ServiceBusFailureReason.MessageLockLost, () => receiver.CompleteMessageAsync(message));
        await NothingComesAsync(receiver);
    }

    [Fact]
    public async Task Abandoned_message_comes_again_changed_and_is_dead_lettered_after_the_last_delivery()
    {
        var receiver = await EmptyAsync(Plain);
        var deadLetters = await EmptyAsync(Plain, SubQueue.DeadLetter);
        await SendAsync(Plain, Message());
        for (var delivery = 1; delivery <= 3; delivery++)
        {
            var message = await ReceiveAsync(receiver);
            Assert.Equal(delivery, message.DeliveryCount);
            Assert.Equal(delivery > 1, message.ApplicationProperties.ContainsKey("tried"));
            await receiver.AbandonMessageAsync(message, new Dictionary<string, object> { ["tried"] = true });
        }

        Assert.Equal("MaxDeliveryCountExceeded", (await ReceiveAsync(deadLetters)).DeadLetterReason);
    }

    [Fact]
    public async Task Dead_lettered_message_carries_reason_and_description()
    {
        var receiver = await EmptyAsync(Plain);
        var deadLetters = await EmptyAsync(Plain, SubQueue.DeadLetter);
        await SendAsync(Plain, Message());
        await receiver.DeadLetterMessageAsync(await ReceiveAsync(receiver), "reason", "description");
        var dead = await ReceiveAsync(deadLetters);

        Assert.Equal(("reason", "description"), (dead.DeadLetterReason, dead.DeadLetterErrorDescription));
        await deadLetters.CompleteMessageAsync(dead);
    }

    [Fact]
    public async Task Deferred_message_is_received_by_number_only()
    {
        var receiver = await EmptyAsync(Plain);
        await SendAsync(Plain, Message());
        var message = await ReceiveAsync(receiver);
        await receiver.DeferMessageAsync(message);
        await NothingComesAsync(receiver);
        await FailsAsync(ServiceBusFailureReason.MessageNotFound, () => receiver.ReceiveDeferredMessageAsync(message.SequenceNumber + 1_000_000));
        var deferred = await receiver.ReceiveDeferredMessageAsync(message.SequenceNumber);

        Assert.Equal((message.MessageId, ServiceBusMessageState.Deferred), (deferred.MessageId, deferred.State));
        await receiver.CompleteMessageAsync(deferred);
    }

    [Fact]
    public async Task Scheduled_message_comes_in_time_and_a_cancelled_one_never()
    {
        var receiver = await EmptyAsync(Plain);
        var sender = Client.CreateSender(Plain);
        var at = DateTimeOffset.UtcNow.AddSeconds(2);
        var sent = Message();
        await sender.ScheduleMessageAsync(sent, at);
        var cancelled = await sender.ScheduleMessageAsync(Message(), at);
        await sender.CancelScheduledMessageAsync(cancelled);
        await FailsAsync(ServiceBusFailureReason.MessageNotFound, () => sender.CancelScheduledMessageAsync(cancelled));
        var message = await ReceiveAsync(receiver);
        await receiver.CompleteMessageAsync(message);

        Assert.Equal(sent.MessageId, message.MessageId);
        Assert.True(message.EnqueuedTime >= at.AddSeconds(-1));
        await NothingComesAsync(receiver);
    }

    [Fact]
    public async Task Lock_that_runs_out_brings_the_message_back_with_a_higher_count()
    {
        var receiver = await EmptyAsync(Plain);
        await SendAsync(Plain, Message());
        var message = await ReceiveAsync(receiver);
        var again = await ReceiveAsync(receiver);

        Assert.Equal((message.MessageId, 2), (again.MessageId, again.DeliveryCount));
        await FailsAsync(ServiceBusFailureReason.MessageLockLost, () => receiver.CompleteMessageAsync(message));
        await receiver.CompleteMessageAsync(again);
    }

    [Fact]
    public async Task Second_message_of_an_id_is_accepted_and_dropped()
    {
        var receiver = await EmptyAsync(Plain);
        var message = Message();
        await SendAsync(Plain, message);
        await SendAsync(Plain, new ServiceBusMessage("again") { MessageId = message.MessageId });
        await receiver.CompleteMessageAsync(await ReceiveAsync(receiver));
        await NothingComesAsync(receiver);
    }

    [Fact]
    public async Task Peeking_locks_nothing_and_sees_every_state()
    {
        var receiver = await EmptyAsync(Plain);
        await SendAsync(Plain, Message());
        var deferred = await ReceiveAsync(receiver);
        await receiver.DeferMessageAsync(deferred);
        var sender = Client.CreateSender(Plain);
        var scheduled = await sender.ScheduleMessageAsync(Message(), DateTimeOffset.UtcNow.AddHours(1));
        await SendAsync(Plain, Message());
        var states = (await receiver.PeekMessagesAsync(10, 0)).Select(m => m.State).ToHashSet();

        Assert.Superset(new HashSet<ServiceBusMessageState> { ServiceBusMessageState.Active, ServiceBusMessageState.Deferred, ServiceBusMessageState.Scheduled }, states);
        await sender.CancelScheduledMessageAsync(scheduled);
        Assert.Equal(1, (await ReceiveAsync(receiver)).DeliveryCount);
        await receiver.CompleteMessageAsync(await receiver.ReceiveDeferredMessageAsync(deferred.SequenceNumber));
    }

    [Fact]
    public async Task Batch_takes_what_fits_and_too_large_a_message_is_refused()
    {
        var sender = Client.CreateSender(Plain);
        using var batch = await sender.CreateMessageBatchAsync();
        Assert.True(batch.TryAddMessage(Message()));
        Assert.False(batch.TryAddMessage(new ServiceBusMessage(new byte[batch.MaxSizeInBytes])));
        await FailsAsync(ServiceBusFailureReason.MessageSizeExceeded, () => sender.SendMessageAsync(new ServiceBusMessage(new byte[batch.MaxSizeInBytes + 1])));
    }

    [Fact]
    public async Task Entity_s_lifetime_is_the_most_and_what_expires_is_dead_lettered()
    {
        var deadLetters = await EmptyAsync("conformance-short", SubQueue.DeadLetter);
        var message = Message();
        message.TimeToLive = TimeSpan.FromHours(1);
        await SendAsync("conformance-short", message);

        // Azure does it when somebody receives.
        await using var receiver = Client.CreateReceiver("conformance-short");
        var peeked = await receiver.PeekMessageAsync();
        await Task.Delay(TimeSpan.FromSeconds(2.5));
        await NothingComesAsync(receiver);
        var dead = await ReceiveAsync(deadLetters);

        Assert.Equal(TimeSpan.FromSeconds(2), peeked!.TimeToLive);
        Assert.Equal((message.MessageId, "TTLExpiredException"), (dead.MessageId, dead.DeadLetterReason));
    }

    [Fact]
    public async Task Expired_message_is_dropped_where_that_is_not_asked_for()
    {
        var receiver = await EmptyAsync("conformance-dropping");
        var deadLetters = await EmptyAsync("conformance-dropping", SubQueue.DeadLetter);
        var message = Message();
        message.TimeToLive = TimeSpan.FromSeconds(1);
        await SendAsync("conformance-dropping", message);
        await Task.Delay(TimeSpan.FromSeconds(1.5));
        await NothingComesAsync(receiver);
        await NothingComesAsync(deadLetters);
    }

    [Fact]
    public async Task Forwarded_message_keeps_its_first_sequence_number_and_its_source_gives_nothing()
    {
        var receiver = await EmptyAsync(Target);
        var message = Message();
        await SendAsync("conformance-forward", message);
        var forwarded = await ReceiveAsync(receiver);

        Assert.Equal(message.MessageId, forwarded.MessageId);
        Assert.True(forwarded.EnqueuedSequenceNumber > 0);
        await receiver.CompleteMessageAsync(forwarded);
        await Assert.ThrowsAsync<InvalidOperationException>(() => Client.CreateReceiver("conformance-forward").ReceiveMessageAsync(Silence));
    }

    [Fact]
    public async Task Forwarded_dead_letter_says_where_and_why()
    {
        var target = await EmptyAsync(Target);
        var receiver = await EmptyAsync("conformance-dead");
        await SendAsync("conformance-dead", Message());
        await receiver.DeadLetterMessageAsync(await ReceiveAsync(receiver), "reason");
        var dead = await ReceiveAsync(target);

        Assert.Equal(("reason", "conformance-dead"), (dead.DeadLetterReason, dead.DeadLetterSource));
        await target.CompleteMessageAsync(dead);
    }
}

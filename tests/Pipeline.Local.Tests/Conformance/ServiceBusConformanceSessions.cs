using Azure.Messaging.ServiceBus;

namespace Pipeline.Tests.Conformance;

public sealed class ServiceBusConformanceSessions : ServiceBusConformance
{
    [Fact]
    public async Task Session_is_received_in_order_by_one_at_a_time()
    {
        var session = NewId();
        ServiceBusMessage[] messages = [Message(session), Message(session), Message(session)];
        await SendAsync(WithSessions, messages);
        await using (var receiver = await Client.AcceptSessionAsync(WithSessions, session))
        {
            for (var i = 0; i < 3; i++)
            {
                var message = await ReceiveAsync(receiver);
                Assert.Equal(messages[i].MessageId, message.MessageId);
                await receiver.CompleteMessageAsync(message);
            }
        }
    }

    [Fact]
    public async Task Closed_session_gives_its_message_back_at_no_cost()
    {
        var session = NewId();
        await SendAsync(WithSessions, Message(session));
        await using (var first = await Client.AcceptSessionAsync(WithSessions, session))
            await ReceiveAsync(first);
        await using var second = await Client.AcceptSessionAsync(WithSessions, session);
        var again = await ReceiveAsync(second);

        Assert.Equal(1, again.DeliveryCount);
        await second.CompleteMessageAsync(again);
    }

    [Fact]
    public async Task Lock_that_runs_out_costs_a_delivery_and_lets_another_in()
    {
        var session = NewId();
        await SendAsync(WithSessions, Message(session));
        var first = await Client.AcceptSessionAsync(WithSessions, session);
        var message = await ReceiveAsync(first);
        await Task.Delay(TimeSpan.FromSeconds(5.5));
        await FailsAsync(ServiceBusFailureReason.SessionLockLost, () => first.CompleteMessageAsync(message));
        await using var second = await Client.AcceptSessionAsync(WithSessions, session);
        var again = await ReceiveAsync(second);

        Assert.Equal(2, again.DeliveryCount);
        await second.CompleteMessageAsync(again);
    }

    [Fact]
    public async Task State_is_kept_with_the_session_until_it_is_removed()
    {
        var session = NewId();
        await using (var receiver = await Client.AcceptSessionAsync(WithSessions, session))
        {
            Assert.Null(await receiver.GetSessionStateAsync());
            await receiver.SetSessionStateAsync(BinaryData.FromString("state"));
        }

        await using (var receiver = await Client.AcceptSessionAsync(WithSessions, session))
        {
            Assert.Equal("state", (await receiver.GetSessionStateAsync())!.ToString());
            await receiver.SetSessionStateAsync(null!);
            Assert.Null(await receiver.GetSessionStateAsync());
        }
    }

    [Fact]
    public async Task Renewed_session_lock_lasts_longer()
    {
        await using var receiver = await Client.AcceptSessionAsync(WithSessions, NewId());
        var until = receiver.SessionLockedUntil;
        await Task.Delay(TimeSpan.FromSeconds(1));
        await receiver.RenewSessionLockAsync();
        Assert.True(receiver.SessionLockedUntil > until);
    }

    [Fact]
    public Task Message_without_session_id_is_refused() =>
        Assert.ThrowsAsync<InvalidOperationException>(() => SendAsync(WithSessions, Message()));

    [Fact]
    public Task Entity_with_sessions_is_received_from_in_sessions_only() =>
        Assert.ThrowsAsync<InvalidOperationException>(() => Client.CreateReceiver(WithSessions).ReceiveMessageAsync(Silence));

    [Fact]
    public Task Entity_that_is_not_there_is_not_found() =>
        FailsAsync(ServiceBusFailureReason.MessagingEntityNotFound, () => SendAsync("conformance-nothing", Message()));
}

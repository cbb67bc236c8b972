using System.Transactions;

namespace Pipeline.Tests.Conformance;

public sealed class ServiceBusConformanceTransactions : ServiceBusConformance
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Sends_and_settlements_of_an_entity_happen_together_or_not_at_all(bool commit)
    {
        var receiver = await EmptyAsync(Plain);
        await SendAsync(Plain, Message());
        var received = await ReceiveAsync(receiver);
        var (one, two) = (Message(), Message());
        using (var scope = new TransactionScope(TransactionScopeAsyncFlowOption.Enabled))
        {
            await receiver.CompleteMessageAsync(received);
            await Client.CreateSender(Plain).SendMessageAsync(one);
            await Client.CreateSender(Plain).SendMessageAsync(two);
            if (commit)
                scope.Complete();
        }

        if (commit)
        {
            var ids = new HashSet<string> { (await ReceiveAsync(receiver)).MessageId!, (await ReceiveAsync(receiver)).MessageId! };
            Assert.Equal(new HashSet<string> { one.MessageId!, two.MessageId! }, ids);
            return;
        }

        // A rollback takes effect a little later, and the message comes back when its lock runs out.
        Assert.Equal(received.MessageId, (await ReceiveAsync(receiver)).MessageId);
        await NothingComesAsync(receiver);
    }

    [Fact]
    public async Task Second_entity_is_refused()
    {
        using var scope = new TransactionScope(TransactionScopeAsyncFlowOption.Enabled);
        await Client.CreateSender(Plain).SendMessageAsync(Message());
        await Assert.ThrowsAsync<InvalidOperationException>(() => Client.CreateSender(Target).SendMessageAsync(Message()));
    }

    [Fact]
    public async Task Cross_entity_client_sends_to_others_with_what_it_settles_and_receives_from_its_first_only()
    {
        var target = await EmptyAsync(Target);
        await EmptyAsync(Plain);
        await SendAsync(Plain, Message());
        await using var client = CrossEntityClient();
        var receiver = client.CreateReceiver(Plain);
        var received = await ReceiveAsync(receiver);
        var sent = Message();
        using (var scope = new TransactionScope(TransactionScopeAsyncFlowOption.Enabled))
        {
            await receiver.CompleteMessageAsync(received);
            await client.CreateSender(Target).SendMessageAsync(sent);
            scope.Complete();
        }

        Assert.Equal(sent.MessageId, (await ReceiveAsync(target)).MessageId);
        await Assert.ThrowsAsync<InvalidOperationException>(() => client.CreateReceiver(Target).ReceiveMessageAsync(Silence));
    }
}

using Azure.Messaging.ServiceBus;

namespace Pipeline.Tests.Conformance;

/// <summary>
/// What Service Bus does, said with the official client alone, so that the embedded broker and Azure can be held against the
/// same tests. The entities are those of <c>ServiceBusEntities.json</c>.
/// </summary>
[Collection("Service Bus conformance")]
public abstract class ServiceBusConformance : IAsyncLifetime
{
    protected const string Plain = "conformance-plain";
    protected const string WithSessions = "conformance-sessions";
    protected const string Target = "conformance-target";
    protected const string Topic = "conformance-topic";

    /// <summary>Longer than anything takes that is expected to come.</summary>
    protected static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>How long nothing has to come to count as nothing.</summary>
    protected static readonly TimeSpan Silence = TimeSpan.FromSeconds(1);

    private ServiceBusTarget? _target;

    protected ServiceBusClient Client { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        _target = await ServiceBusTarget.OpenAsync();
        Client = _target.CreateClient();
    }

    public async Task DisposeAsync()
    {
        await Client.DisposeAsync();
        await _target!.DisposeAsync();
    }

    protected ServiceBusClient CrossEntityClient() => _target!.CreateClient(new ServiceBusClientOptions { EnableCrossEntityTransactions = true });

    protected static string NewId() => Guid.NewGuid().ToString("N");

    protected static ServiceBusMessage Message(string? session = null) => new("body") { MessageId = NewId(), SessionId = session };

    /// <summary>A receiver of an entity, after removing what earlier runs left there.</summary>
    protected async Task<ServiceBusReceiver> EmptyAsync(string queue, SubQueue subQueue = SubQueue.None)
    {
        await DrainAsync(Client.CreateReceiver(queue, Deleting(subQueue)));
        return Client.CreateReceiver(queue, new ServiceBusReceiverOptions { SubQueue = subQueue });
    }

    /// <summary>A receiver of a subscription, after removing what earlier runs left there.</summary>
    protected async Task<ServiceBusReceiver> EmptySubscriptionAsync(string subscription, SubQueue subQueue = SubQueue.None)
    {
        await DrainAsync(Client.CreateReceiver(Topic, subscription, Deleting(subQueue)));
        return Client.CreateReceiver(Topic, subscription, new ServiceBusReceiverOptions { SubQueue = subQueue });
    }

    protected Task SendAsync(string entity, params ServiceBusMessage[] messages) => Client.CreateSender(entity).SendMessagesAsync(messages);

    protected static async Task<ServiceBusReceivedMessage> ReceiveAsync(ServiceBusReceiver receiver)
    {
        var message = await receiver.ReceiveMessageAsync(Patience);
        Assert.NotNull(message);
        return message;
    }

    protected static async Task NothingComesAsync(ServiceBusReceiver receiver) => Assert.Null(await receiver.ReceiveMessageAsync(Silence));

    protected static async Task FailsAsync(ServiceBusFailureReason reason, Func<Task> call) =>
        Assert.Equal(reason, (await Assert.ThrowsAsync<ServiceBusException>(call)).Reason);

    private static ServiceBusReceiverOptions Deleting(SubQueue subQueue) =>
        new() { SubQueue = subQueue, ReceiveMode = ServiceBusReceiveMode.ReceiveAndDelete };

    private static async Task DrainAsync(ServiceBusReceiver receiver)
    {
        // Peeking is at once where there is nothing; a receive would wait.
        while (await receiver.PeekMessageAsync(0) is not null && (await receiver.ReceiveMessagesAsync(100, Silence)).Count > 0)
        {
        }

        await receiver.DisposeAsync();
    }
}

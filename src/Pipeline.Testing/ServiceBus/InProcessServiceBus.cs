using System.Diagnostics.CodeAnalysis;
using Azure.Messaging.ServiceBus;
using Pipeline.Local.ServiceBus;

namespace Pipeline.Testing.ServiceBus;

/// <summary>
/// A client of the official type that calls a broker directly: no network and no timers of its own, so that time stands still
/// and what is done at once is done when the call returns. For tests of the broker and of simulated processes; how the official
/// client itself fares is what the conformance tests tell.
/// </summary>
[SuppressMessage("Usage", "CA2215", Justification = "Made as for mocking, the official types have nothing to dispose of, and would fail.")]
internal sealed class InProcessServiceBus(Func<Broker> broker) : ServiceBusClient
{
    private readonly List<SessionLock> _sessions = [];
    private bool _closed;

    public override bool IsClosed => _closed;

    public override ServiceBusSender CreateSender(string queueOrTopicName) => new InProcessSender(broker, queueOrTopicName);

    public override ServiceBusSender CreateSender(string queueOrTopicName, ServiceBusSenderOptions options) => CreateSender(queueOrTopicName);

    public override ServiceBusReceiver CreateReceiver(string queueName) => CreateReceiver(queueName, new ServiceBusReceiverOptions());

    public override ServiceBusReceiver CreateReceiver(string queueName, ServiceBusReceiverOptions options) =>
        new InProcessReceiver(broker, queueName + (options.SubQueue == SubQueue.DeadLetter ? "/$DeadLetterQueue" : ""), options.ReceiveMode);

    public override ServiceBusReceiver CreateReceiver(string topicName, string subscriptionName) =>
        CreateReceiver(topicName, subscriptionName, new ServiceBusReceiverOptions());

    public override ServiceBusReceiver CreateReceiver(string topicName, string subscriptionName, ServiceBusReceiverOptions options) =>
        CreateReceiver($"{topicName}/Subscriptions/{subscriptionName}", options);

    public override Task<ServiceBusSessionReceiver> AcceptNextSessionAsync(
        string queueName, ServiceBusSessionReceiverOptions? options = null, CancellationToken cancellationToken = default) =>
        AcceptAsync(queueName, null, cancellationToken);

    public override Task<ServiceBusSessionReceiver> AcceptNextSessionAsync(
        string topicName, string subscriptionName, ServiceBusSessionReceiverOptions? options = null, CancellationToken cancellationToken = default) =>
        AcceptAsync($"{topicName}/Subscriptions/{subscriptionName}", null, cancellationToken);

    public override Task<ServiceBusSessionReceiver> AcceptSessionAsync(
        string queueName, string sessionId, ServiceBusSessionReceiverOptions? options = null, CancellationToken cancellationToken = default) =>
        AcceptAsync(queueName, sessionId, cancellationToken);

    public override Task<ServiceBusSessionReceiver> AcceptSessionAsync(
        string topicName, string subscriptionName, string sessionId, ServiceBusSessionReceiverOptions? options = null, CancellationToken cancellationToken = default) =>
        AcceptAsync($"{topicName}/Subscriptions/{subscriptionName}", sessionId, cancellationToken);

    public override ValueTask DisposeAsync()
    {
        _closed = true;
        foreach (var session in _sessions)
            session.Broker.Release(session);
        return ValueTask.CompletedTask;
    }

    private async Task<ServiceBusSessionReceiver> AcceptAsync(string path, string? sessionId, CancellationToken cancellationToken) => await OfficialErrors.Official(async () =>
    {
        var session = await broker().AcceptSessionAsync(path, sessionId, TimeSpan.FromMinutes(1), cancellationToken);
        _sessions.Add(session);
        return new InProcessSessionReceiver(new InProcessReceiver(broker, path, ServiceBusReceiveMode.PeekLock, session), session);
    });
}

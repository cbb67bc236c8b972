using Azure.Messaging.ServiceBus;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;
using Pipeline.Local.ServiceBus;

namespace Pipeline.Local.Worker;

/// <summary>Runs a function for received messages and settles what it left, as the Azure host does.</summary>
internal sealed class MessageHandling(HostedFunction function, ServiceBusFunctionTrigger trigger, ListenerServices services)
{
    private readonly ILogger _log = services.Log(function);

    /// <summary>Whether the session is to be let go of.</summary>
    public async Task<bool> HandleAsync(IReadOnlyList<BrokerDelivery> deliveries, BrokerReceiver receiver)
    {
        if (receiver.Session is not { SessionId: var sessionId })
        {
            await RunAsync(Received(deliveries), receiver, sessionActions: null);
            return false;
        }

        var session = new HostSession(receiver);
        services.Sessions.TryAdd(sessionId, session);
        try
        {
            var messages = Received(deliveries);
            await RunAsync(messages, receiver, new ServiceBusSessionMessageActions(services.Sessions, messages[0]));
        }
        finally
        {
            services.Sessions.Remove(sessionId);
        }

        return session.IsReleased;
    }

    private static ServiceBusReceivedMessage[] Received(IReadOnlyList<BrokerDelivery> deliveries) => [.. deliveries.Select(ReceivedMessages.Of)];

    private async Task RunAsync(
        ServiceBusReceivedMessage[] messages, BrokerReceiver receiver, ServiceBusSessionMessageActions? sessionActions)
    {
        var actions = new ServiceBusMessageActions(receiver);
        var invocation = new ServiceBusInvocation(
            function, messages, trigger.IsBatched, actions, sessionActions, services.Shutdown.Cancelled);
        try
        {
            await services.Runner.RunAsync(invocation);
        }
        catch (Exception)
        {
            // Logged by the runner. Azure abandons whether or not messages are completed automatically.
            await SettleAsync(messages, actions, new Settlement(SettlementKind.Abandon), receiver);
            return;
        }

        // Without automatic completion an unsettled message stays locked, and a session goes on to its next one.
        if (trigger.AutoComplete)
            await SettleAsync(messages, actions, Settlement.Complete, receiver);
    }

    private async Task SettleAsync(
        ServiceBusReceivedMessage[] messages, ServiceBusMessageActions actions, Settlement settlement, BrokerReceiver receiver)
    {
        foreach (var message in messages)
        {
            if (actions.IsSettled(message))
                continue;
            try
            {
                await receiver.SettleAsync(ReceivedMessages.LockTokenOf(message), settlement);
            }
            catch (BrokerException error)
            {
                // The lock ran out: the broker delivers the message again by itself.
                _log.LogWarning("Message {MessageId} could not be settled after the run: {Problem}", message.MessageId, error.Message);
            }
        }
    }
}

using Azure.Messaging.ServiceBus;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;

namespace Pipeline.Local.Worker;

/// <summary>Runs a function for received messages and settles what it left, as the Azure host does.</summary>
internal sealed class MessageHandling(HostedFunction function, ServiceBusFunctionTrigger trigger, ListenerServices services)
{
    private readonly ILogger _log = services.Log(function);

    /// <summary>Whether the session is to be let go of.</summary>
    public async Task<bool> HandleAsync(IReadOnlyList<ServiceBusReceivedMessage> messages, ServiceBusReceiver receiver)
    {
        if (receiver is not ServiceBusSessionReceiver sessionReceiver)
        {
            await RunAsync(messages, receiver, sessionActions: null);
            return false;
        }

        var session = new HostSession(sessionReceiver);
        services.Sessions.TryAdd(sessionReceiver.SessionId, session);
        try
        {
            await RunAsync(messages, receiver, new ServiceBusSessionMessageActions(services.Sessions, messages[0]));
        }
        finally
        {
            services.Sessions.Remove(sessionReceiver.SessionId);
        }

        return session.IsReleased;
    }

    private async Task RunAsync(
        IReadOnlyList<ServiceBusReceivedMessage> messages, ServiceBusReceiver receiver, ServiceBusSessionMessageActions? sessionActions)
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
            await SettleAsync(messages, actions, static (receiver, message) => receiver.AbandonMessageAsync(message), receiver);
            return;
        }

        // Without automatic completion an unsettled message stays locked, and a session goes on to its next one.
        if (trigger.AutoComplete)
            await SettleAsync(messages, actions, static (receiver, message) => receiver.CompleteMessageAsync(message), receiver);
    }

    private async Task SettleAsync(
        IReadOnlyList<ServiceBusReceivedMessage> messages,
        ServiceBusMessageActions actions,
        Func<ServiceBusReceiver, ServiceBusReceivedMessage, Task> settlement,
        ServiceBusReceiver receiver)
    {
        foreach (var message in messages)
        {
            if (actions.IsSettled(message))
                continue;
            try
            {
                await settlement(receiver, message);
            }
            catch (Exception error) when (error is ServiceBusException or ObjectDisposedException)
            {
                // The lock ran out: the broker delivers the message again by itself.
                _log.LogWarning("Message {MessageId} could not be settled after the run: {Problem}", message.MessageId, error.Message);
            }
        }
    }
}

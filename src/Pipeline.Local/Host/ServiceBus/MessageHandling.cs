using Microsoft.Extensions.Logging;
using Pipeline.Local.ServiceBus;

namespace Pipeline.Local.Hosting;

/// <summary>Runs a function for received messages and settles what it left, as the Azure host does.</summary>
internal sealed class MessageHandling(HostedFunction function, ServiceBusFunctionTrigger trigger, ListenerServices services)
{
    private readonly ILogger _log = services.Log(function);

    /// <summary>Whether the session is to be let go of.</summary>
    public async Task<bool> HandleAsync(IReadOnlyList<BrokerDelivery> messages, BrokerReceiver receiver)
    {
        if (receiver.Session is not { SessionId: var sessionId })
        {
            await RunAsync(messages, receiver);
            return false;
        }

        var session = new HostSession(receiver);
        services.Sessions.TryAdd(sessionId, session);
        try
        {
            await RunAsync(messages, receiver);
        }
        finally
        {
            services.Sessions.Remove(sessionId);
        }

        return session.IsReleased;
    }

    private async Task RunAsync(IReadOnlyList<BrokerDelivery> messages, BrokerReceiver receiver)
    {
        var invocation = new ServiceBusInvocation(function, messages, receiver, services.Shutdown.Cancelled);
        try
        {
            await services.Runner.RunAsync(invocation);
        }
        catch (Exception)
        {
            // Logged by the runner. Azure abandons whether or not messages are completed automatically.
            await SettleAsync(invocation, new Settlement(SettlementKind.Abandon));
            return;
        }

        // Without automatic completion an unsettled message stays locked, and a session goes on to its next one.
        if (trigger.AutoComplete)
            await SettleAsync(invocation, Settlement.Complete);
    }

    private async Task SettleAsync(ServiceBusInvocation invocation, Settlement settlement)
    {
        foreach (var message in invocation.Messages)
        {
            if (invocation.IsSettled(message))
                continue;
            try
            {
                await invocation.Receiver.SettleAsync(message.LockToken, settlement);
            }
            catch (BrokerException error)
            {
                // The lock ran out: the broker delivers the message again by itself.
                _log.LogWarning("Message {MessageId} could not be settled after the run: {Problem}", message.MessageId, error.Message);
            }
        }
    }
}

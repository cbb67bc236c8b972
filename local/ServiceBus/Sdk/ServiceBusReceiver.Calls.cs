using Pipeline.Local.ServiceBus;

namespace Azure.Messaging.ServiceBus;

/// <content>Calls of the broker, within transactions and with faults.</content>
public partial class ServiceBusReceiver
{
    private async Task Settle(ServiceBusReceivedMessage message, Settlement settlement, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(message);
        cancellationToken.ThrowIfCancellationRequested();
        if (Deletes)
            throw new InvalidOperationException("Messages can be settled in receive mode PeekLock only.");
        var broker = Broker;
        Client!.Use(EntityPath, receives: true);
        var transaction = ServiceBusTransaction.Enlist(Client, EntityPath);
        if (broker.Faults is null)
        {
            broker.Settle(EntityPath, Session, message, settlement, transaction);
            return;
        }

        await Client.Retries.RunAsync(
            broker,
            BrokerCall.Settle,
            EntityPath,
            (Receiver: this, message, settlement, transaction),
            static (broker, s) =>
            {
                broker.Settle(s.Receiver.EntityPath, s.Receiver.Session, s.message, s.settlement, s.transaction);
                return Task.FromResult(true);
            },
            static (broker, s) => broker.LoseLock(s.Receiver.EntityPath, s.Receiver.Session, s.message.SequenceNumber),
            cancellationToken);
    }

    private async Task<IReadOnlyList<ServiceBusReceivedMessage>> ReceiveWithFaultsAsync(
        Broker broker, int maxMessages, TimeSpan wait, CancellationToken cancellationToken)
    {
        var losesLock = false;
        var messages = await Client!.Retries.RunAsync(
            broker,
            BrokerCall.Receive,
            EntityPath,
            (Receiver: this, maxMessages, wait, cancellationToken),
            static (broker, s) => broker.ReceiveAsync(
                s.Receiver.EntityPath, s.Receiver.Session, s.maxMessages, s.wait, s.Receiver.Deletes, s.cancellationToken),
            (_, _) => losesLock = true,
            cancellationToken);
        if (losesLock && messages.Count > 0 && !Deletes)
            broker.LoseLock(EntityPath, Session, messages[0].SequenceNumber);
        return messages;
    }

    private protected Task<T> RunAsync<TState, T>(
        BrokerCall kind,
        TState state,
        Func<Broker, TState, T> call,
        CancellationToken cancellationToken,
        Action<Broker, TState>? loseLock = null)
    {
        var broker = Broker;
        return broker.Faults is null
            ? Task.FromResult(call(broker, state))
            : Client!.Retries.RunAsync(
                broker,
                kind,
                EntityPath,
                (state, call),
                static (broker, s) => Task.FromResult(s.call(broker, s.state)),
                loseLock is null ? null : (broker, s) => loseLock(broker, s.state),
                cancellationToken);
    }
}

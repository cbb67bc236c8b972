using Microsoft.Azure.Amqp;
using Microsoft.Azure.Amqp.Framing;
using Microsoft.Azure.Amqp.Transaction;

namespace Pipeline.Local.ServiceBus.Amqp;

/// <summary>Takes what a client sends to a queue or topic.</summary>
internal sealed class SendNode(ClientSession session, ReceivingAmqpLink link, string path)
{
    /// <summary>Beyond this the link ends. Between the limit and this a message is refused, which clients understand better.</summary>
    private const ulong MaxTransferBytes = 16 * 1024 * 1024;

    private AmqpServer Server => session.Client.Server;

    /// <exception cref="BrokerException">There is no such queue or topic.</exception>
    /// <exception cref="InvalidOperationException">Nothing can be sent there.</exception>
    public static void Serve(ClientSession session, ReceivingAmqpLink link, string path)
    {
        session.Client.Server.Broker.EnsureDestination(path);
        session.Use(path, receives: false);
        var node = new SendNode(session, link, path);

        // The client is told the limit by the attach; the library would end the link of one who exceeds it.
        link.Opened += (_, _) => link.Settings.MaxMessageSize = MaxTransferBytes;
        link.RegisterMessageListener(message => _ = node.TakeAsync(message));
    }

    private async Task TakeAsync(AmqpMessage message)
    {
        using (message)
        {
            using var answer = Server.Begin();
            Outcome outcome;
            try
            {
                await SendAsync(message);
                outcome = AmqpConstants.AcceptedOutcome;
            }
            catch (Exception error)
            {
                outcome = new Rejected { Error = AmqpErrors.Of(error, Server.Log) };
            }

            DeliveryState state = message.TxnId.Array is null ? outcome : new TransactionalState { TxnId = message.TxnId, Outcome = outcome };
            if (!link.IsClosing())
                link.DisposeMessage(message, state, settled: true, batchable: false);
        }
    }

    private async Task SendAsync(AmqpMessage message)
    {
        if (message.SerializedMessageSize > MessageSize.MaxBytes)
        {
            throw new BrokerException(
                string.Create(CultureInfo.InvariantCulture,
                    $"The message or batch has {message.SerializedMessageSize} bytes; the limit is {MessageSize.MaxBytes}."),
                BrokerFailure.MessageSizeExceeded,
                path);
        }

        var messages = AmqpMessageDecoder.FromTransfer(message);
        var transaction = session.Client.Transaction(message.TxnId, session, path);
        var fault = Server.Broker.Faults is { } faults ? await faults.DrawAsync(BrokerCall.Send, CancellationToken.None) : default;
        fault.ThrowIfNotDone(path);
        await Server.Broker.SendAsync(path, messages, transaction?.Operations, CancellationToken.None, isMeasured: true);
        fault.ThrowIfLost(path);
    }
}

using Microsoft.Azure.Amqp;
using Microsoft.Azure.Amqp.Framing;
using Microsoft.Azure.Amqp.Transaction;

namespace Pipeline.Local.ServiceBus.Amqp;

/// <summary>Begins and ends transactions.</summary>
internal static class CoordinatorNode
{
    public static void Serve(ClientSession session, ReceivingAmqpLink link) => link.RegisterMessageListener(message =>
    {
        using (message)
        {
            using var answer = session.Client.Server.Begin();
            Outcome outcome;
            try
            {
                outcome = Carry(session.Client, message);
            }
            catch (Exception error)
            {
                outcome = new Rejected { Error = AmqpErrors.Of(error, session.Client.Server.Log) };
            }

            link.DisposeMessage(message, outcome, settled: true, batchable: false);
        }
    });

    private static Outcome Carry(ClientConnection client, AmqpMessage message)
    {
        switch (message.ValueBody?.Value)
        {
            case Declare:
                return new Declared { TxnId = client.BeginTransaction() };
            case Discharge discharge:
                var transaction = client.EndTransaction(discharge.TxnId);
                if (discharge.Fail != true)
                    transaction.Commit();
                return AmqpConstants.AcceptedOutcome;
            default:
                throw new NotSupportedException("A coordinator takes declare and discharge only.");
        }
    }
}

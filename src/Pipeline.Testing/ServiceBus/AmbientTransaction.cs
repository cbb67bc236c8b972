using System.Transactions;
using Pipeline.Local.ServiceBus;

namespace Pipeline.Testing.ServiceBus;

/// <summary>What is done within an ambient transaction, until that is committed or rolled back.</summary>
internal sealed class AmbientTransaction(Broker broker) : IPromotableSinglePhaseNotification
{
    private static readonly Dictionary<string, AmbientTransaction> Active = new(StringComparer.Ordinal);

    private readonly BrokerTransaction _operations = new(broker);

    public static BrokerTransaction? Of(Broker broker)
    {
        if (Transaction.Current is not { } ambient)
            return null;
        var id = ambient.TransactionInformation.LocalIdentifier;
        lock (Active)
        {
            if (!Active.TryGetValue(id, out var transaction))
            {
                Active.Add(id, transaction = new AmbientTransaction(broker));
                ambient.EnlistPromotableSinglePhase(transaction);
                ambient.TransactionCompleted += (_, _) =>
                {
                    lock (Active)
                        Active.Remove(id);
                };
            }

            return transaction._operations;
        }
    }

    public void Initialize()
    {
    }

    public void SinglePhaseCommit(SinglePhaseEnlistment singlePhaseEnlistment)
    {
        try
        {
            broker.Commit(_operations);
        }
        catch (BrokerException error)
        {
            singlePhaseEnlistment.Aborted(error);
            return;
        }

        singlePhaseEnlistment.Committed();
    }

    public void Rollback(SinglePhaseEnlistment singlePhaseEnlistment) => singlePhaseEnlistment.Aborted();

    public byte[] Promote() => throw new TransactionPromotionException("The broker is no part of other transactions.");
}

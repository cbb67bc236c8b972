using System.Transactions;
using Pipeline.Local.ServiceBus;

namespace Azure.Messaging.ServiceBus;

/// <summary>What a client does within an ambient transaction, until that is committed or rolled back.</summary>
internal sealed class ServiceBusTransaction : IPromotableSinglePhaseNotification
{
    private const string NoOtherResources = "Local transactions are not supported with other resource managers/DTC.";

    private static readonly Dictionary<string, ServiceBusTransaction> Active = new(StringComparer.Ordinal);
    private static readonly Lock Gate = new();

    private readonly ServiceBusClient _client;
    private readonly BrokerTransaction _operations;
    private readonly string _entity;

    private ServiceBusTransaction(ServiceBusClient client, string entity) =>
        (_client, _entity, _operations) = (client, entity, new BrokerTransaction(client.Broker));

    /// <summary>The ambient transaction's part at the broker; <see langword="null"/> where there is no ambient transaction.</summary>
    /// <param name="client">The client whose operation it is.</param>
    /// <param name="path">The entity that it concerns.</param>
    /// <exception cref="InvalidOperationException">The transaction concerns another entity already, or cannot be one of Service Bus.</exception>
    /// <exception cref="ServiceBusException">The transaction belongs to another client.</exception>
    public static BrokerTransaction? Enlist(ServiceBusClient client, string path)
    {
        if (Transaction.Current is not { } ambient)
            return null;
        if (ambient.IsolationLevel != IsolationLevel.Serializable)
            throw new InvalidOperationException($"The only supported IsolationLevel is '{nameof(IsolationLevel.Serializable)}'.");
        var entity = ServiceBusClient.TopLevel(path);
        var id = ambient.TransactionInformation.LocalIdentifier;
        lock (Gate)
        {
            if (!Active.TryGetValue(id, out var transaction))
            {
                transaction = new ServiceBusTransaction(client, entity);
                if (!ambient.EnlistPromotableSinglePhase(transaction))
                    throw new InvalidOperationException(NoOtherResources);
                Active.Add(id, transaction);
                ambient.TransactionCompleted += (_, _) => Forget(id);
            }

            transaction.Check(client, entity);
            return transaction._operations;
        }
    }

    /// <inheritdoc/>
    public void Initialize()
    {
    }

    /// <inheritdoc/>
    public void SinglePhaseCommit(SinglePhaseEnlistment singlePhaseEnlistment)
    {
        try
        {
            _operations.Broker.Commit(_operations);
        }
        catch (Exception error)
        {
            singlePhaseEnlistment.Aborted(error);
            return;
        }

        singlePhaseEnlistment.Committed();
    }

    /// <inheritdoc/>
    public void Rollback(SinglePhaseEnlistment singlePhaseEnlistment) => singlePhaseEnlistment.Aborted();

    /// <inheritdoc/>
    public byte[] Promote() => throw new TransactionPromotionException(NoOtherResources);

    private static void Forget(string id)
    {
        lock (Gate)
            Active.Remove(id);
    }

    private void Check(ServiceBusClient client, string entity)
    {
        if (!ReferenceEquals(client, _client))
        {
            throw new ServiceBusException(
                "The transaction was begun by another client: a transaction belongs to one.", ServiceBusFailureReason.GeneralError, entity);
        }

        if (!client.EnablesCrossEntityTransactions && !entity.Equals(_entity, StringComparison.OrdinalIgnoreCase))
        {
            throw new InvalidOperationException(
                $"Local transactions cannot span multiple top-level entities such as queue or topic: this one began with '{_entity}' and goes on " +
                $"with '{entity}'. Set {nameof(ServiceBusClientOptions.EnableCrossEntityTransactions)} on the client to send to others.");
        }
    }
}

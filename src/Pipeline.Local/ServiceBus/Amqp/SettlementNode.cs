using Microsoft.Azure.Amqp;
using Microsoft.Azure.Amqp.Encoding;
using Microsoft.Azure.Amqp.Framing;
using Microsoft.Azure.Amqp.Transaction;

namespace Pipeline.Local.ServiceBus.Amqp;

/// <summary>Settles the messages of one link as its client says by disposition.</summary>
internal sealed class SettlementNode(ClientSession client, SendingAmqpLink link, string path, SessionLock? session)
{
    /// <summary>Deliveries that the link keeps until they are settled. Beyond that those go whose locks are lost.</summary>
    private const int MaxUnsettled = 2000;

    private static readonly AmqpSymbol ReasonName = BrokerDelivery.DeadLetterReasonProperty;
    private static readonly AmqpSymbol DescriptionName = BrokerDelivery.DeadLetterErrorDescriptionProperty;

    private readonly Lock _gate = new();
    private readonly Queue<Guid> _sent = [];

    private AmqpServer Server => client.Client.Server;

    /// <summary>Notes a delivery, and lets go of the oldest if nobody can settle it any more.</summary>
    public void Sent(Guid lockToken)
    {
        List<Guid>? lost = null;
        lock (_gate)
        {
            _sent.Enqueue(lockToken);
            while (_sent.Count > MaxUnsettled && !Server.Broker.IsLocked(path, session, _sent.Peek()))
                (lost ??= []).Add(_sent.Dequeue());
        }

        foreach (var token in lost ?? [])
            link.DisposeDelivery(new ArraySegment<byte>(token.ToByteArray()), settled: true, AmqpConstants.ReleasedOutcome, batchable: false);
    }

    public void OnDisposition(Delivery delivery)
    {
        if (delivery.State is not null and not Received)
            _ = SettleAsync(delivery, delivery.State, delivery.Settled);
    }

    private async Task SettleAsync(Delivery delivery, DeliveryState state, bool isSettled)
    {
        using var answer = Server.Begin();
        var transactional = state as TransactionalState;
        var outcome = transactional is null ? state as Outcome : transactional.Outcome;
        Outcome reply;
        ClientTransaction? transaction = null;
        try
        {
            transaction = transactional is null ? null : client.Client.Transaction(transactional.TxnId, client, path);
            reply = await SettleAsync(new Guid(delivery.DeliveryTag), outcome, transaction);
        }
        catch (Exception error)
        {
            reply = new Rejected { Error = AmqpErrors.Of(error, Server.Log) };
            transaction = null;
        }

        if (isSettled || link.IsClosing())
            return;
        if (transactional is null)
        {
            link.DisposeDelivery(delivery, settled: true, reply);
            return;
        }

        // Settled with the commit. After a rollback the client can settle it again.
        transaction?.Settled(link, delivery, reply);
        link.DisposeDelivery(delivery, settled: false, new TransactionalState { TxnId = transactional.TxnId, Outcome = reply });
    }

    private async Task<Outcome> SettleAsync(Guid lockToken, Outcome? outcome, ClientTransaction? transaction)
    {
        if (outcome is Released)
        {
            Server.Broker.GiveBack(path, session, lockToken);
            return AmqpConstants.ReleasedOutcome;
        }

        var fault = Server.Broker.Faults is { } faults ? await faults.DrawAsync(BrokerCall.Settle, CancellationToken.None) : default;
        if (fault.LosesLock)
            Server.Broker.LoseLock(path, session, lockToken);
        fault.ThrowIfNotDone(path);
        Server.Broker.Settle(path, session, lockToken, SettlementOf(outcome), transaction?.Operations);
        fault.ThrowIfLost(path);

        // Without its error: an error in the reply is a settlement that failed.
        return outcome is Rejected ? new Rejected() : outcome!;
    }

    private static Settlement SettlementOf(Outcome? outcome) => outcome switch
    {
        Accepted => Settlement.Complete,
        Modified modified => new Settlement(
            modified.UndeliverableHere == true ? SettlementKind.Defer : SettlementKind.Abandon, PropertiesOf(modified.MessageAnnotations)),
        Rejected rejected => DeadLetterOf(rejected.Error?.Info),
        _ => throw new NotSupportedException("A message is settled by accepted, released, modified or rejected."),
    };

    private static Settlement DeadLetterOf(Fields? info)
    {
        var properties = PropertiesOf(info);
        var reason = Take(properties, ReasonName.Value);
        var description = Take(properties, DescriptionName.Value);
        return new Settlement(SettlementKind.DeadLetter, properties, reason, description);
    }

    private static string? Take(Dictionary<string, object>? properties, string name) =>
        properties is not null && properties.Remove(name, out var value) ? value as string : null;

    private static Dictionary<string, object>? PropertiesOf(Fields? fields) => fields is null ? null : AmqpValues.ToProperties(fields);
}

using Microsoft.Azure.Amqp;
using Microsoft.Azure.Amqp.Framing;

namespace Pipeline.Local.ServiceBus.Amqp;

/// <summary>A transaction of a client, until it is discharged.</summary>
internal sealed class ClientTransaction(Broker broker)
{
    private readonly Lock _gate = new();
    private readonly List<(SendingAmqpLink Link, Delivery Delivery, Outcome Outcome)> _settled = [];
    private string? _entity;
    private ClientSession? _session;

    public BrokerTransaction Operations { get; } = new(broker);

    /// <summary>Notes the entity of an operation.</summary>
    /// <exception cref="InvalidOperationException">The transaction concerns another entity, and its links do not share a session.</exception>
    public void Use(ClientSession session, string path)
    {
        var entity = EntityAddress.TopLevel(path);
        lock (_gate)
        {
            (_entity, _session) = (_entity ?? entity, _session ?? session);
            if (!_entity.Equals(entity, StringComparison.OrdinalIgnoreCase) && !ReferenceEquals(_session, session))
            {
                throw new InvalidOperationException(
                    $"Local transactions cannot span multiple top-level entities such as queue or topic: this one began with '{_entity}' and goes on with '{entity}'.");
            }
        }
    }

    /// <summary>A delivery whose settlement the client is told of when the transaction is committed.</summary>
    public void Settled(SendingAmqpLink link, Delivery delivery, Outcome outcome)
    {
        lock (_gate)
            _settled.Add((link, delivery, outcome));
    }

    /// <summary>Carries everything out, or nothing.</summary>
    public void Commit()
    {
        broker.Commit(Operations);
        lock (_gate)
        {
            foreach (var (link, delivery, outcome) in _settled)
                link.DisposeDelivery(delivery, settled: true, outcome);
        }
    }
}

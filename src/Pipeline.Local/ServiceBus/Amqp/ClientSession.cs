using Microsoft.Azure.Amqp;

namespace Pipeline.Local.ServiceBus.Amqp;

/// <summary>An AMQP session of a client. A client with cross-entity transactions has one for all its links, else each link has its own.</summary>
internal sealed class ClientSession(ClientConnection connection, AmqpSessionSettings settings, ILinkFactory links)
    : AmqpSession(connection, settings, links)
{
    private string? _via;

    public ClientConnection Client => connection;

    /// <summary>Notes the first entity that links of this session name.</summary>
    /// <exception cref="InvalidOperationException">It receives, and from another entity than the first.</exception>
    public void Use(string path, bool receives)
    {
        var entity = EntityAddress.TopLevel(path);
        var via = Interlocked.CompareExchange(ref _via, entity, null) ?? entity;
        if (receives && !via.Equals(entity, StringComparison.OrdinalIgnoreCase))
        {
            throw new InvalidOperationException(
                $"This client has cross-entity transactions and used '{via}' first, so it cannot receive from '{entity}'. Receive before sending, or use another client.");
        }
    }
}

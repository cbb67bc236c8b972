using System.Buffers.Binary;
using System.Collections.Concurrent;
using Microsoft.Azure.Amqp;
using Microsoft.Azure.Amqp.Framing;
using Microsoft.Azure.Amqp.Transport;

namespace Pipeline.Local.ServiceBus.Amqp;

/// <summary>A client's connection, with what its links have in common: who it is, where replies go, its transactions and sessions.</summary>
internal sealed class ClientConnection(
    AmqpServer server, StreamTransport stream, TransportBase transport, ProtocolHeader header, AmqpSettings settings, AmqpConnectionSettings connectionSettings)
    : AmqpConnection("in-connection", transport, header, isInitiator: false, settings, connectionSettings)
{
    private const int MaxLinks = 5000;
    private const int MaxTransactions = 100;
    private const uint MaxWaitingReplies = 1000;

    private readonly ConcurrentDictionary<string, SendingAmqpLink> _replyLinks = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<long, ClientTransaction> _transactions = [];
    private readonly ConcurrentDictionary<string, SessionLock> _sessions = new(StringComparer.Ordinal);
    private int _links;
    private int _tags;
    private long _lastTransaction;

    public AmqpServer Server => server;

    /// <summary>Its bytes.</summary>
    public StreamTransport Stream => stream;

    /// <summary>The name of the key that it has shown.</summary>
    public string? KeyName { get; set; }

    public void CountLink()
    {
        if (Interlocked.Increment(ref _links) <= MaxLinks)
            return;
        Interlocked.Decrement(ref _links);
        throw new AmqpException(AmqpErrorCode.ResourceLimitExceeded, string.Create(CultureInfo.InvariantCulture, $"A connection has at most {MaxLinks} links."));
    }

    public void UncountLink() => Interlocked.Decrement(ref _links);

    /// <summary>A link for replies: the .NET client calls it by its target's address, the JavaScript client by its name.</summary>
    public void AddReplyLink(SendingAmqpLink link)
    {
        var name = (link.Settings.Target as Target)?.Address?.ToString() is { Length: > 0 } address ? address : link.Name;
        _replyLinks[name] = link;
        _replyLinks[link.Name] = link;
        link.SafeAddClosed((_, _) =>
        {
            _replyLinks.TryRemove(KeyValuePair.Create(name, link));
            _replyLinks.TryRemove(KeyValuePair.Create(link.Name, link));
        });
    }

    /// <summary>Sends a reply to where a request wants it. A client that has taken its link back gets none.</summary>
    public void Reply(AmqpMessage request, AmqpMessage reply)
    {
        if (request.Properties.ReplyTo?.ToString() is not { } replyTo || !_replyLinks.TryGetValue(replyTo, out var link))
            return;
        if (link.Available > MaxWaitingReplies)
        {
            link.SafeClose(new AmqpException(AmqpErrorCode.ResourceLimitExceeded, "Too many replies wait for credit."));
            return;
        }

        reply.Properties.CorrelationId = request.Properties.MessageId;
        var tag = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(tag, Interlocked.Increment(ref _tags));
        link.SendMessageNoWait(reply, new ArraySegment<byte>(tag), AmqpConstants.NullBinary);
    }

    /// <summary>Remembers which session a link holds, for requests that name the link.</summary>
    public void AddSession(string linkName, SessionLock session) => _sessions[linkName] = session;

    public void RemoveSession(string linkName) => _sessions.TryRemove(linkName, out _);

    /// <summary>The lock under which a client asks for something of a session.</summary>
    /// <exception cref="BrokerException">It does not hold that session.</exception>
    public SessionLock SessionOf(string path, string sessionId, string? linkName)
    {
        if (linkName is not null && _sessions.TryGetValue(linkName, out var named) && IsOf(named))
            return named;
        return _sessions.Values.Where(IsOf).OrderByDescending(s => s.IsHeld).FirstOrDefault()
            ?? throw new BrokerException($"The session '{sessionId}' is not locked by this client.", BrokerFailure.SessionLockLost, path);

        bool IsOf(SessionLock session) =>
            string.Equals(session.SessionId, sessionId, StringComparison.Ordinal)
            && (session.Queue.Path.Equals(path, StringComparison.OrdinalIgnoreCase) || session.Queue.Name.Equals(path, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>Begins a transaction; returns its id.</summary>
    public ArraySegment<byte> BeginTransaction()
    {
        if (_transactions.Count >= MaxTransactions)
            ForgetOldTransactions();
        var id = Interlocked.Increment(ref _lastTransaction);
        _transactions[id] = new ClientTransaction(server.Broker);
        var bytes = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(bytes, id);
        return new ArraySegment<byte>(bytes);
    }

    /// <summary>The transaction that something is part of; <see langword="null"/> if of none.</summary>
    /// <exception cref="InvalidOperationException">There is no such transaction (any more), or it concerns another entity.</exception>
    public ClientTransaction? Transaction(ArraySegment<byte> id, ClientSession session, string path)
    {
        if (id.Array is null)
            return null;
        if (!_transactions.TryGetValue(NumberOf(id), out var transaction))
            throw new InvalidOperationException("There is no such transaction: it has ended, or belongs to another connection.");
        transaction.Use(session, path);
        return transaction;
    }

    /// <summary>Ends a transaction.</summary>
    public ClientTransaction EndTransaction(ArraySegment<byte> id) =>
        id.Array is not null && _transactions.TryRemove(NumberOf(id), out var transaction)
            ? transaction
            : throw new InvalidOperationException("There is no such transaction: it has ended, or belongs to another connection.");

    private static long NumberOf(ArraySegment<byte> id) =>
        id.Count == sizeof(long) ? BinaryPrimitives.ReadInt64BigEndian(id) : throw new InvalidOperationException("That is no id of a transaction of this connection.");

    private void ForgetOldTransactions()
    {
        var now = server.Broker.Clock.GetUtcNow();
        foreach (var (id, transaction) in _transactions)
        {
            if (now - transaction.Operations.Started > BrokerTransaction.Timeout)
                _transactions.TryRemove(id, out _);
        }

        if (_transactions.Count >= MaxTransactions)
        {
            throw new BrokerException(
                string.Create(CultureInfo.InvariantCulture, $"A connection has at most {MaxTransactions} transactions at a time."), BrokerFailure.QuotaExceeded);
        }
    }
}

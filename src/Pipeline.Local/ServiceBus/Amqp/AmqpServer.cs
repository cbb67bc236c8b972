using System.Collections.Concurrent;
using Microsoft.Azure.Amqp;
using Microsoft.Azure.Amqp.Framing;
using Microsoft.Azure.Amqp.Transaction;
using Microsoft.Azure.Amqp.Transport;
using Microsoft.Extensions.Logging;

namespace Pipeline.Local.ServiceBus.Amqp;

/// <summary>What clients do over AMQP: their connections, sessions and links, each link of one kind.</summary>
internal sealed class AmqpServer(Broker broker, ILogger log) : IRuntimeProvider
{
    public const string Cbs = "$cbs";

    private readonly ConcurrentDictionary<uint, StreamTransport> _connecting = [];
    private readonly ConcurrentDictionary<ClientConnection, bool> _connections = [];
    private readonly ConcurrentDictionary<string, bool> _cutOff = new(StringComparer.Ordinal);
    private int _underWay;

    public Broker Broker => broker;

    public ILogger Log => log;

    /// <summary>Connections that are open.</summary>
    public int Connections => _connections.Count;

    /// <summary>Messages and requests that have come and are not answered.</summary>
    public int UnderWay => Volatile.Read(ref _underWay);

    public void Connecting(StreamTransport transport) => _connecting[transport.Identifier.Value] = transport;

    public void Ended(StreamTransport transport) => _connecting.TryRemove(transport.Identifier.Value, out _);

    public AmqpConnection CreateConnection(
        TransportBase transport, ProtocolHeader protocolHeader, bool isInitiator, AmqpSettings amqpSettings, AmqpConnectionSettings connectionSettings)
    {
        var connection = new ClientConnection(this, _connecting[transport.Identifier.Value], transport, protocolHeader, amqpSettings, connectionSettings) { SessionFactory = this };
        _connections[connection] = true;
        connection.SafeAddClosed((_, _) =>
        {
            _connections.TryRemove(connection, out var _);
            connection.Stream.Abort();
        });
        return connection;
    }

    public AmqpSession CreateSession(AmqpConnection connection, AmqpSessionSettings settings) =>
        new ClientSession((ClientConnection)connection, settings, this);

    /// <summary>Makes the link that a client attaches. What it is for is worked out when it opens.</summary>
    public AmqpLink CreateLink(AmqpSession session, AmqpLinkSettings settings)
    {
        var client = (ClientSession)session;
        client.Client.CountLink();
        if (settings.Properties is { } sent)
            SentProperties.Keep(settings, sent);
        settings.Properties = null;
        if (!settings.Role!.Value)
            return Counted(new SendingAmqpLink(session, settings), client);
        settings.MaxMessageSize = (ulong)MessageSize.MaxBytes;
        return Counted(new ReceivingAmqpLink(session, settings), client);
    }

    public IAsyncResult BeginOpenLink(AmqpLink link, TimeSpan timeout, AsyncCallback callback, object state) =>
        TaskToAsyncResult.Begin(OpenLinkAsync(link), callback, state);

    public void EndOpenLink(IAsyncResult result) => TaskToAsyncResult.End(result);

    /// <summary>Ends the connections of a client that shows this key, as if its process had died, and lets it connect no more.</summary>
    public void CutOff(string keyName)
    {
        _cutOff[keyName] = true;
        foreach (var connection in _connections.Keys.Where(c => string.Equals(c.KeyName, keyName, StringComparison.Ordinal)))
            connection.Abort();
    }

    public bool IsCutOff(string keyName) => _cutOff.ContainsKey(keyName);

    /// <summary>Ends all connections at once.</summary>
    public void AbortAll()
    {
        foreach (var connection in _connections.Keys)
            connection.Abort();
    }

    /// <summary>Notes that something has come that will be answered; the result is to be disposed of when it is.</summary>
    public IDisposable Begin()
    {
        Interlocked.Increment(ref _underWay);
        return new Answer(this);
    }

    private static AmqpLink Counted(AmqpLink link, ClientSession session)
    {
        link.SafeAddClosed((_, _) => session.Client.UncountLink());
        return link;
    }

    private async Task OpenLinkAsync(AmqpLink link)
    {
        try
        {
            if (link is ReceivingAmqpLink receiving)
                OpenReceiving(receiving);
            else
                await OpenSendingAsync((SendingAmqpLink)link);
        }
        catch (Exception error) when (error is not AmqpException)
        {
            throw new AmqpException(AmqpErrors.Of(error, log));
        }
    }

    /// <summary>The client sends.</summary>
    private static void OpenReceiving(ReceivingAmqpLink link)
    {
        var session = (ClientSession)link.Session;
        if (link.Settings.Target is Coordinator)
        {
            CoordinatorNode.Serve(session, link);
            return;
        }

        var address = EntityAddress.Of((link.Settings.Target as Target)?.Address);
        if (address.IsCbs)
            CbsNode.Serve(session.Client, link);
        else if (address.IsManagement)
            ManagementNode.Serve(session, link, address.Entity);
        else
            SendNode.Serve(session, link, address.Entity);
    }

    /// <summary>The client receives.</summary>
    private static Task OpenSendingAsync(SendingAmqpLink link)
    {
        var session = (ClientSession)link.Session;
        var source = link.Settings.Source as Source;
        var address = EntityAddress.Of(source?.Address);
        if (!address.IsCbs && !address.IsManagement)
            return ReceiveNode.ServeAsync(session, link, source!, address.Entity);
        session.Client.AddReplyLink(link);
        return Task.CompletedTask;
    }

    private sealed class Answer(AmqpServer server) : IDisposable
    {
        private int _disposed;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _disposed, 1) == 0)
                Interlocked.Decrement(ref server._underWay);
        }
    }
}

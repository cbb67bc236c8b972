using Microsoft.Azure.Amqp;
using Microsoft.Azure.Amqp.Framing;
using Microsoft.Azure.Amqp.Sasl;
using Microsoft.Azure.Amqp.Transport;

namespace Pipeline.Local.ServiceBus.Amqp;

/// <summary>Takes connections that a server has accepted through the protocol headers and SASL, up to an open AMQP connection.</summary>
internal sealed class AmqpListener : TransportListener
{
    private const uint IdleTimeoutMilliseconds = 240_000;

    /// <summary>How long a client may take until its connection is open.</summary>
    private static readonly TimeSpan OpenTimeout = TimeSpan.FromSeconds(30);

    private readonly AmqpServer _server;
    private readonly AmqpTransportListener _negotiation;

    public AmqpListener(AmqpServer server)
        : base("accepted")
    {
        _server = server;
        var settings = new AmqpSettings { RuntimeProvider = server, AllowAnonymousConnection = true };

        // The .NET client picks the first, the JavaScript client the second.
        var sasl = new SaslTransportProvider();
        sasl.Versions.Add(new AmqpVersion(1, 0, 0));
        sasl.AddHandler(new SaslAnonymousHandler("MSSBCBS"));
        sasl.AddHandler(new SaslAnonymousHandler());
        var amqp = new AmqpTransportProvider();
        amqp.Versions.Add(new AmqpVersion(1, 0, 0));
        settings.TransportProviders.Add(sasl);
        settings.TransportProviders.Add(amqp);
        _negotiation = new AmqpTransportListener([this], settings);
        _negotiation.Open();
        _negotiation.Listen(OnNegotiated);
    }

    /// <summary>Serves a client until its connection ends.</summary>
    public async Task ServeAsync(StreamTransport transport)
    {
        transport.Open();
        await using var patience = new Timer(static state => ((StreamTransport)state!).Abort(), transport, OpenTimeout, Timeout.InfiniteTimeSpan);
        transport.Patience = patience;
        _server.Connecting(transport);
        try
        {
            OnTransportAccepted(new TransportAsyncCallbackArgs { Transport = transport });
            await transport.Ended;
        }
        finally
        {
            _server.Ended(transport);
        }
    }

    protected override void OnListen()
    {
        // Connections are handed over one by one.
    }

    private void OnNegotiated(TransportListener listener, TransportAsyncCallbackArgs args)
    {
        var transport = args.Transport;
        ClientConnection? connection = null;
        try
        {
            var settings = new AmqpConnectionSettings { ContainerId = "local", IdleTimeOut = IdleTimeoutMilliseconds };
            connection = (ClientConnection)_server.CreateConnection(transport, (ProtocolHeader)args.UserToken, isInitiator: false, _negotiation.AmqpSettings, settings);
            connection.BeginOpen(OpenTimeout, OnOpened, connection);
        }
        catch (Exception error)
        {
            connection?.SafeClose(error);
            transport.SafeClose(error);
        }
    }

    private void OnOpened(IAsyncResult result)
    {
        var connection = (ClientConnection)result.AsyncState!;
        try
        {
            connection.EndOpen(result);
            connection.Stream.Patience!.Change(Timeout.Infinite, Timeout.Infinite);
        }
        catch (Exception error)
        {
            connection.SafeClose(error);
        }
    }
}

using System.Buffers;
using System.Net;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Pipeline.Local.ServiceBus.Administration;
using Pipeline.Local.ServiceBus.Amqp;
using Pipeline.Local.Hosting;

namespace Pipeline.Local.ServiceBus;

/// <summary>
/// Where other programs reach the namespace, with the official clients: AMQP over TCP and over WebSockets, and the administration
/// API over HTTP, all on one port of 127.0.0.1. A connection that begins with the letters AMQP is that; any other is HTTP.
/// </summary>
internal sealed class ServiceBusEndpoint : IAsyncDisposable
{
    private const string WebSocketPath = "/$servicebus/websocket";

    /// <summary>More than any app has. Each takes some kilobytes, and those that do not speak within 30 seconds are ended.</summary>
    private const int MaxConnections = 12_000;

    private readonly WebApplication _app;
    private readonly AmqpServer _server;
    private readonly AmqpListener _listener;
    private readonly AdministrationEndpoint _administration;

    private ServiceBusEndpoint(Broker broker, LoopbackGuard guard, ILogger log)
    {
        _server = new AmqpServer(broker, log);
        _listener = new AmqpListener(_server);
        _administration = new AdministrationEndpoint(broker, log);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        builder.Services.Configure<KestrelServerOptions>(options =>
        {
            options.AddServerHeader = false;
            options.Limits.MaxConcurrentConnections = MaxConnections;
            options.Limits.MaxConcurrentUpgradedConnections = MaxConnections;
            options.Limits.MaxRequestBodySize = 1024 * 1024;
        });
        _app = builder.Build();
        _app.Use((HttpContext context, RequestDelegate next) => guard.CheckAsync(context, next));
        _app.UseWebSockets();
        _app.Run(HandleAsync);
    }

    /// <summary>The port of 127.0.0.1.</summary>
    public int Port { get; private set; }

    /// <summary>Connection string for clients.</summary>
    public string ConnectionString => ConnectionStringOf("RootManageSharedAccessKey");

    /// <summary>AMQP connections that are open.</summary>
    public int Connections => _server.Connections;

    /// <summary>Messages and requests that have come over AMQP and are not answered.</summary>
    public int UnderWay => _server.UnderWay;

    /// <summary>Listens.</summary>
    /// <param name="broker">The namespace.</param>
    /// <param name="port">A port of 127.0.0.1; 0 = a free one.</param>
    /// <param name="guard">Keeps web pages out.</param>
    /// <param name="log">Told what goes wrong.</param>
    /// <exception cref="StartupException">The port is in use.</exception>
    public static ServiceBusEndpoint Open(Broker broker, int port, LoopbackGuard guard, ILogger log)
    {
        var endpoint = new ServiceBusEndpoint(broker, guard, log);
        try
        {
            endpoint.Listen(port);
            return endpoint;
        }
        catch (IOException error) when (error.InnerException is AddressInUseException)
        {
            throw FunctionsHost.PortInUse(LocalSettings.ServiceBusPortName, port, error);
        }
    }

    /// <summary>Connection string for a client that can be cut off from the others by the name of its key.</summary>
    public string ConnectionStringOf(string keyName) => string.Create(CultureInfo.InvariantCulture,
        $"Endpoint=sb://127.0.0.1:{Port};SharedAccessKeyName={keyName};SharedAccessKey=none;UseDevelopmentEmulator=true");

    /// <summary>Ends the connections of clients that show this key, as if their process had died, and lets them connect no more.</summary>
    public void CutOff(string keyName) => _server.CutOff(keyName);

    /// <summary>Ends all connections at once, as if the network had failed.</summary>
    public void Disconnect() => _server.AbortAll();

    public async ValueTask DisposeAsync()
    {
        _server.AbortAll();
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }

    private void Listen(int port)
    {
        var options = _app.Services.GetRequiredService<Microsoft.Extensions.Options.IOptions<KestrelServerOptions>>().Value;
        options.Listen(IPAddress.Loopback, port, listen => listen.Use(next => connection => ServeAsync(connection, next)));

        // What runs in the server is no part of what the caller does. Listening itself does not wait for anything.
        using (ExecutionContext.SuppressFlow())
            Task.Run(() => _app.StartAsync()).GetAwaiter().GetResult();
        Port = _app.HttpAddress().Port;
    }

    private async Task ServeAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        if (!await IsAmqpAsync(connection))
        {
            await next(connection);
            return;
        }

        var transport = new StreamTransport(
            connection.Transport.Input.AsStream(leaveOpen: true), connection.Transport.Output.AsStream(leaveOpen: true), connection.RemoteEndPoint?.ToString() ?? "");
        await using var closed = connection.ConnectionClosed.UnsafeRegister(static state => ((StreamTransport)state!).Abort(), transport);
        await _listener.ServeAsync(transport);
    }

    /// <summary>Looks at the first four bytes, and leaves them.</summary>
    private static async Task<bool> IsAmqpAsync(ConnectionContext connection)
    {
        var input = connection.Transport.Input;
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(connection.ConnectionClosed);
        patience.CancelAfter(TimeSpan.FromSeconds(30));
        try
        {
            while (true)
            {
                var read = await input.ReadAsync(patience.Token);
                if (read.Buffer.Length >= 4 || read.IsCompleted)
                {
                    var isAmqp = StartsWithAmqp(read.Buffer);
                    input.AdvanceTo(read.Buffer.Start);
                    return isAmqp;
                }

                input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            }
        }
        catch (OperationCanceledException)
        {
            connection.Abort();
            return false;
        }
    }

    private static bool StartsWithAmqp(ReadOnlySequence<byte> bytes)
    {
        if (bytes.Length < 4)
            return false;
        Span<byte> first = stackalloc byte[4];
        bytes.Slice(0, 4).CopyTo(first);
        return first.SequenceEqual("AMQP"u8);
    }

    private Task HandleAsync(HttpContext context) =>
        context.Request.Path.StartsWithSegments(WebSocketPath, StringComparison.OrdinalIgnoreCase)
            ? ServeWebSocketAsync(context)
            : _administration.HandleAsync(context);

    private async Task ServeWebSocketAsync(HttpContext context)
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            context.Response.StatusCode = StatusCodes.Status426UpgradeRequired;
            return;
        }

        // "amqp" of .NET, "AMQPWSB10" of JavaScript.
        using var socket = await context.WebSockets.AcceptWebSocketAsync(context.WebSockets.WebSocketRequestedProtocols.FirstOrDefault());
        await using var stream = WebSocketStream.Create(socket, WebSocketMessageType.Binary, ownsWebSocket: false);
        var transport = new StreamTransport(stream, stream, context.Connection.RemoteIpAddress?.ToString() ?? "");
        await using var closed = context.RequestAborted.UnsafeRegister(static state => ((StreamTransport)state!).Abort(), transport);
        await _listener.ServeAsync(transport);
        socket.Abort();
    }
}

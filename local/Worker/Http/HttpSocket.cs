using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace Pipeline.Local.Worker;

/// <summary>
/// Takes the port of the HTTP functions before anything else starts, so that <c>WEBSITE_HOSTNAME</c> names the real one
/// when the first trigger runs, also where the port was left to chance. Nobody can connect until the server listens.
/// </summary>
internal sealed class HttpSocket(LocalSettings settings, IConfiguration configuration) : IHostedService, IDisposable
{
    private Socket? _socket;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _socket = LoopbackPort.Bind(settings.HttpPort, LocalSettings.HttpPortName);
        LoopbackPort.SetHostName(configuration, LoopbackPort.Of(_socket));
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>The socket for an endpoint of the server, which from then on owns it.</summary>
    public Socket SocketFor(EndPoint endpoint)
    {
        var isOurs = endpoint is IPEndPoint ip && ip.Port == settings.HttpPort;
        return isOurs && Interlocked.Exchange(ref _socket, null) is { } socket
            ? socket
            : SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint);
    }

    public void Dispose() => Interlocked.Exchange(ref _socket, null)?.Dispose();
}

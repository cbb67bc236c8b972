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
    private const string HostNameSetting = "WEBSITE_HOSTNAME";

    private Socket? _socket;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, settings.HttpPort));
        }
        catch (SocketException error)
        {
            socket.Dispose();
            throw error.SocketErrorCode == SocketError.AddressAlreadyInUse
                ? FunctionsHost.PortInUse(LocalSettings.HttpPortName, settings.HttpPort, error)
                : new StartupException(string.Create(CultureInfo.InvariantCulture,
                    $"Port {settings.HttpPort} cannot be used: {error.Message}. Set {LocalSettings.HttpPortName} to another one."), error);
        }

        _socket = socket;

        // Who sets it is asked for from outside under that name, behind a tunnel say.
        var port = ((IPEndPoint)socket.LocalEndPoint!).Port;
        if (string.IsNullOrEmpty(configuration[HostNameSetting]))
            configuration[HostNameSetting] = string.Create(CultureInfo.InvariantCulture, $"localhost:{port}");
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

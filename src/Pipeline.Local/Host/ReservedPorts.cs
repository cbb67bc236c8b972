using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Pipeline.Local.Hosting;

/// <summary>
/// Ports that are ours before the server listens on them, so that an app in another process can be told them, also those that were
/// left to chance. Nobody can connect until the server listens.
/// </summary>
internal sealed class ReservedPorts : IDisposable
{
    private readonly Dictionary<int, (Socket Socket, string Setting)> _sockets = [];

    /// <summary>Takes a port of 127.0.0.1; 0 = a free one.</summary>
    /// <exception cref="StartupException">It is in use, may not be used, or was reserved for another setting.</exception>
    public int Reserve(int port, string setting)
    {
        var socket = LoopbackPort.Bind(port, setting);
        var taken = LoopbackPort.Of(socket);
        lock (_sockets)
        {
            if (_sockets.TryAdd(taken, (socket, setting)))
                return taken;
        }

        // Two sockets that do not listen yet can have one port: because the settings say so, or because the system gave it out twice.
        using (socket)
        {
            return port == 0 ? Reserve(0, setting) : throw new StartupException(string.Create(
                CultureInfo.InvariantCulture, $"{_sockets[taken].Setting} and {setting} are both {port}. Set one of them to another port."));
        }
    }

    /// <summary>The socket for an endpoint of the server, which from then on owns it.</summary>
    public Socket SocketFor(EndPoint endpoint)
    {
        lock (_sockets)
        {
            return endpoint is IPEndPoint ip && _sockets.Remove(ip.Port, out var reserved) ? reserved.Socket : SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint);
        }
    }

    public void Dispose()
    {
        lock (_sockets)
        {
            foreach (var (socket, _) in _sockets.Values)
                socket.Dispose();
            _sockets.Clear();
        }
    }
}

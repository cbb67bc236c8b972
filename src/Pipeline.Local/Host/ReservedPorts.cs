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
    private readonly Dictionary<int, Socket> _sockets = [];

    /// <summary>Takes a port of 127.0.0.1; 0 = a free one.</summary>
    /// <exception cref="StartupException">It is in use, or may not be used.</exception>
    public int Reserve(int port, string setting)
    {
        var socket = LoopbackPort.Bind(port, setting);
        var taken = LoopbackPort.Of(socket);
        _sockets.Add(taken, socket);
        return taken;
    }

    /// <summary>The socket for an endpoint of the server, which from then on owns it.</summary>
    public Socket SocketFor(EndPoint endpoint)
    {
        lock (_sockets)
        {
            return endpoint is IPEndPoint ip && _sockets.Remove(ip.Port, out var socket) ? socket : SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint);
        }
    }

    public void Dispose()
    {
        lock (_sockets)
        {
            foreach (var socket in _sockets.Values)
                socket.Dispose();
            _sockets.Clear();
        }
    }
}

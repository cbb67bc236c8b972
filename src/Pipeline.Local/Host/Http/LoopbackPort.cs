using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Configuration;

namespace Pipeline.Local.Hosting;

/// <summary>A port of 127.0.0.1 that is ours before a server listens on it. Nobody can connect until then.</summary>
internal static class LoopbackPort
{
    private const string HostNameSetting = "WEBSITE_HOSTNAME";

    /// <summary>Takes a port; 0 = a free one.</summary>
    /// <exception cref="StartupException">It is in use, or may not be used; the message names the setting.</exception>
    public static Socket Bind(int port, string setting)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return socket;
        }
        catch (SocketException error)
        {
            socket.Dispose();
            throw error.SocketErrorCode == SocketError.AddressAlreadyInUse
                ? FunctionsHost.PortInUse(setting, port, error)
                : new StartupException(string.Create(CultureInfo.InvariantCulture, $"Port {port} cannot be used: {error.Message}. Set {setting} to another one."), error);
        }
    }

    /// <summary>The port that it really is.</summary>
    public static int Of(Socket socket) => ((IPEndPoint)socket.LocalEndPoint!).Port;

    /// <summary>Sets the name by which the app finds itself. Who has set it is asked for from outside under that name, behind a tunnel say.</summary>
    public static void SetHostName(IConfiguration configuration, int port)
    {
        if (string.IsNullOrEmpty(configuration[HostNameSetting]))
            configuration[HostNameSetting] = string.Create(CultureInfo.InvariantCulture, $"localhost:{port}");
    }
}

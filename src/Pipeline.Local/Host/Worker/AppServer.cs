using System.Net.Sockets;

namespace Pipeline.Local.Hosting;

/// <summary>The web server of an app that serves HTTP itself. Its functions are loaded before it listens.</summary>
internal static class AppServer
{
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(20);

    /// <summary>Waits until it listens; <see langword="false"/>: the app has ended first.</summary>
    /// <exception cref="StartupException">It does not listen in time.</exception>
    public static async Task<bool> ListensAsync(AppFolder app, Uri http, Task ended, TimeSpan within, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(within);
        while (!ended.IsCompleted)
        {
            using var client = new TcpClient();
            try
            {
                await client.ConnectAsync(http.Host, http.Port, patience.Token);
                return true;
            }
            catch (Exception error) when (error is SocketException or OperationCanceledException && patience.IsCancellationRequested)
            {
                cancellationToken.ThrowIfCancellationRequested();
                throw new StartupException($"{app.Assembly} said that it serves HTTP on {http}, and does not.", error);
            }
            catch (SocketException)
            {
                await Task.WhenAny(ended, Task.Delay(_pause, TimeProvider.System, CancellationToken.None));
            }
        }

        return false;
    }
}

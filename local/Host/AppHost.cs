using Microsoft.Extensions.Hosting;

namespace Pipeline.Local.Hosting;

/// <summary>Runs a built app of the .NET isolated worker in a process of its own, on the embedded services.</summary>
public static class AppHost
{
    /// <summary>Runs until the token is set, or the process is told to end.</summary>
    /// <param name="folder">The app's output folder, or its project's.</param>
    /// <param name="settings">Settings of the host and the app, <c>--Name=value</c> each, over those of files and environment.</param>
    /// <param name="cancellationToken">Ends it in order.</param>
    /// <exception cref="StartupException">There is no such app, or it cannot be hosted; the message says why and what to change.</exception>
    public static async Task RunAsync(string folder, string[] settings, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentNullException.ThrowIfNull(settings);
        using var host = AppHostComposition.Build(AppFolder.Find(folder), settings);
        try
        {
            await host.StartAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return;
        }

        await host.WaitForShutdownAsync(cancellationToken);
    }
}

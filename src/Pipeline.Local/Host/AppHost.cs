using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

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
        await RunAsync(AppFolder.Find(folder), settings, cancellationToken);
    }

    /// <summary>Gets the assembly of the app that was built last in a folder; <see langword="null"/> if there is none.</summary>
    /// <param name="folder">The app's output folder, or its project's.</param>
    public static string? FindBuilt(string folder)
    {
        try
        {
            return AppFolder.Find(folder).Assembly;
        }
        catch (StartupException)
        {
            return null;
        }
    }

    internal static async Task RunAsync(AppFolder app, string[] settings, CancellationToken cancellationToken)
    {
        using var host = Build(app, settings);
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

    /// <summary>The host, not yet started.</summary>
    internal static IHost Build(AppFolder app, string[] settings, Action<ILoggingBuilder>? logging = null) =>
        AppHostComposition.Build(app, configuration => AddSettings(configuration, app, settings), ChildOf, logging, endsBySignals: true);

    private static void AddSettings(ConfigurationManager configuration, AppFolder app, string[] settings)
    {
        Settings.AddSources(configuration, settings, app);
        if (WorkerPlaces.Read(configuration) == WorkerPlace.Same)
            throw new StartupException($"{LocalSettings.WorkerName} is 'same', and this host runs an app in a process of its own: leave it out.");
    }

    private static WorkerFactory ChildOf(IServiceProvider services)
    {
        var configuration = services.GetRequiredService<IConfiguration>();
        return server => new ChildWorker(
            services.GetRequiredService<AppFolder>(), server, () => AppEnvironment.Of(configuration), services.GetRequiredService<ILoggerFactory>());
    }
}

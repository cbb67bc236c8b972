using Microsoft.Extensions.Configuration;

namespace Pipeline.Local.Hosting;

/// <summary>What the startup hook of <c>local/Start</c> calls, by its name: starts the host in an app's process, before the app's <c>Main</c>.</summary>
internal static class HostBeforeMain
{
    /// <summary>Returns when <c>Main</c> may run: its worker finds in the environment where to connect. Where it may not, the process ends here.</summary>
    /// <param name="assembly">The app's assembly.</param>
    /// <param name="args">The command line, which is the app's too.</param>
    public static void Start(string assembly, string[] args)
    {
        try
        {
            var app = AppFolder.Of(assembly);
            if (RunsIn(app, args) == WorkerPlace.Same)
            {
                new SameProcessHost(app, args).Start();
                return;
            }

            AppHost.RunAsync(app, args, CancellationToken.None).GetAwaiter().GetResult();
            Environment.Exit(0);
        }
        catch (OperationCanceledException)
        {
            // Told to end before it had begun.
            Environment.Exit(0);
        }
        catch (Exception error) when (StartupException.MessageOf(error) is { } message)
        {
            Fail(message);
        }
    }

    /// <summary>Ends the process, which cannot start, with the reason alone.</summary>
    public static void Fail(string message)
    {
        Console.Out.Flush();
        Console.Error.WriteLine(VisibleText.EscapeLines(message));
        Environment.Exit(1);
    }

    private static WorkerPlace RunsIn(AppFolder app, string[] args)
    {
        using var configuration = new ConfigurationManager();
        Settings.AddSources(configuration, args, app);
        return WorkerPlaces.Read(configuration) ?? WorkerPlace.Same;
    }
}

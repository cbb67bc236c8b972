using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace Pipeline.Local.Hosting;

/// <summary>The settings of an app. Those of the host alone are not its business.</summary>
internal static class AppEnvironment
{
    /// <summary>The variable by which the worker finds the app's files.</summary>
    public const string FolderName = "FUNCTIONS_APPLICATION_DIRECTORY";

    private const string RequestLogs = "Logging:LogLevel:Microsoft.AspNetCore";

    /// <summary>All of them, by name.</summary>
    public static IEnumerable<KeyValuePair<string, string>> SettingsOf(IConfiguration configuration)
    {
        // Of every request two lines and more, which would all go to the host for nothing.
        if (configuration[RequestLogs] is null)
            yield return new(RequestLogs, nameof(LogLevel.Warning));
        foreach (var (name, value) in configuration.AsEnumerable())
        {
            if (value is not null && !name.StartsWith("Local:", StringComparison.OrdinalIgnoreCase))
                yield return new(name, value);
        }
    }

    /// <summary>As an app finds them in Azure, in its environment: those that this process has not in its own.</summary>
    public static IEnumerable<KeyValuePair<string, string>> Of(IConfiguration configuration) =>
        SettingsOf(configuration)
            .Select(setting => new KeyValuePair<string, string>(VariableOf(setting.Key), setting.Value))
            .Where(variable => Environment.GetEnvironmentVariable(variable.Key) != variable.Value);

    /// <summary>What a host says of itself and of the app's place, wherever the app runs.</summary>
    public static IEnumerable<KeyValuePair<string, string>> OfHost(AppFolder app)
    {
        yield return new("FUNCTIONS_WORKER_RUNTIME", "dotnet-isolated");
        yield return new("FUNCTIONS_WORKER_DIRECTORY", app.Output);
        yield return new(FolderName, app.Output);
        if (Environment.GetEnvironmentVariable("AZURE_FUNCTIONS_ENVIRONMENT") is null)
            yield return new("AZURE_FUNCTIONS_ENVIRONMENT", "Development");
    }

    /// <summary>By which the worker in an app connects to its host.</summary>
    public static IEnumerable<KeyValuePair<string, string>> OfWorker(Uri host, string workerId) =>
    [
        new("Functions:Worker:HostEndpoint", host.AbsoluteUri),
        new("Functions:Worker:WorkerId", workerId),
        new("Functions:Worker:RequestId", workerId),
        new("Functions:Worker:GrpcMaxMessageLength", int.MaxValue.ToString(CultureInfo.InvariantCulture)),
    ];

    /// <summary>Makes the environment of this process that of an app that connects to a host. The command line that it has cannot be changed.</summary>
    /// <exception cref="StartupException">A setting that the host replaces is on the command line, where the app would find what it was before.</exception>
    public static void Set(IConfiguration configuration, string[] args, AppFolder app, Uri host, string workerId)
    {
        var given = new ConfigurationBuilder().AddCommandLine(args).Build();
        foreach (var (name, value) in Of(configuration))
        {
            if (given[name.Replace("__", ":", StringComparison.Ordinal)] is { } own && own != value)
                throw new StartupException(
                    $"The setting '{name}' is on the command line, where the app would find it before the host has put in its own address or key. " +
                    "Give it in local.settings.json or as an environment variable, or let the app run in a process of its own: --Local:Worker=process");
            Environment.SetEnvironmentVariable(name, value);
        }

        foreach (var (name, value) in OfHost(app).Concat(OfWorker(host, workerId)))
            Environment.SetEnvironmentVariable(VariableOf(name), value);
    }

    private static string VariableOf(string name) => name.Replace(":", "__", StringComparison.Ordinal);
}

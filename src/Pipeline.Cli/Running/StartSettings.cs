using Pipeline.Cli.Applications;

namespace Pipeline.Cli.Running;

/// <summary>How to start a pipeline.</summary>
/// <param name="FunctionsDll">The functions app; <see langword="null"/> for that of the application in the folder, built if needed.</param>
/// <param name="Directory">The folder to run it in.</param>
internal sealed record StartSettings(string? FunctionsDll, string Directory)
{
    /// <summary>Settings for the functions app, as <c>--Name=value</c>.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>Where its log goes.</summary>
    public string LogDirectory { get; init; } = Path.Combine(Directory, ".pipeline");

    /// <summary>The program that runs the functions app: the .NET of this tool, if known.</summary>
    public string Host { get; init; } = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";

    /// <summary>The timeout of the start.</summary>
    public TimeSpan ReadyWithin { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Gets how to start an application: built if needed, in its folder.</summary>
    public static StartSettings Of(Application application) => new(FunctionsDll: null, application.Workspace.Root);

    /// <summary>Whether a pipeline can be started at an address: the local host listens on 127.0.0.1, and serves no path but its own.</summary>
    public static bool CanStartAt(Uri url) =>
        url is { IsLoopback: true, Scheme: "http", AbsolutePath: "/", HostNameType: not UriHostNameType.IPv6 };

    /// <summary>Gets the same settings for a port of this machine. Nothing is shared with another pipeline, unless the environment configures it.</summary>
    public StartSettings At(int port)
    {
        var listening = this with { Arguments = [.. Arguments, string.Create(CultureInfo.InvariantCulture, $"--Local:HttpPort={port}")] };
        if (port == CommandLine.DefaultUrl.Port)
            return listening;
        var data = Path.Combine(Directory, ".pipeline", string.Create(CultureInfo.InvariantCulture, $"port-{port}"));
        var own = new[] { ("CosmosPort", "0"), ("ServiceBusPort", "0"), ("EventGridPort", "0"), ("BlobPort", "0"), ("DataDirectory", data) }
            .Where(setting => Environment.GetEnvironmentVariable("Local__" + setting.Item1) is null)
            .Select(setting => $"--Local:{setting.Item1}={setting.Item2}");
        return listening with { Arguments = [.. listening.Arguments, .. own], LogDirectory = data };
    }
}

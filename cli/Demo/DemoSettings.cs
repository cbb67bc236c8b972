using System.Globalization;

namespace Pipeline.Cli.Demo;

/// <summary>How to start the pipeline: the functions app, and the folder to run it in.</summary>
internal sealed record StartSettings(string FunctionsDll, string Directory)
{
    /// <summary>Settings for the functions app, as <c>--Name=value</c>.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>Where its log goes.</summary>
    public string LogDirectory { get; init; } = Path.Combine(Directory, ".pipeline");

    /// <summary>The program that runs the functions app: the same .NET that runs this tool, if it says which.</summary>
    public string Host { get; init; } = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";

    /// <summary>How long the started pipeline may take until it is ready.</summary>
    public TimeSpan ReadyWithin { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The same, to listen at a port of this machine. Beside another pipeline, most likely: nothing is shared with it, unless the environment says so.</summary>
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

/// <summary>One run of the demo.</summary>
internal sealed record DemoSettings
{
    public required Uri Url { get; init; }

    /// <summary>The function key to send, if any.</summary>
    public string? Key { get; init; }

    public required int Orders { get; init; }

    public required string RunId { get; init; }

    public bool Exit { get; init; }

    public FileInfo? Report { get; init; }

    /// <summary>Whether to break things on the way. Needs <see cref="Start"/>: what is killed must be our own.</summary>
    public bool Chaos { get; init; }

    /// <summary>How to start the pipeline when none answers; <see langword="null"/> when it must be there.</summary>
    public StartSettings? Start { get; init; }

    /// <summary>Stop waiting for orders when nothing has changed for so long.</summary>
    public TimeSpan StalledAfter { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Stop waiting when all that is left has been blocked for so long: a delayed retry may lift a block by itself.</summary>
    public TimeSpan BlockedFor { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long refunds and releases of cancelled orders may stand still before they count as missing.</summary>
    public TimeSpan SettleFor { get; init; } = TimeSpan.FromSeconds(10);
}

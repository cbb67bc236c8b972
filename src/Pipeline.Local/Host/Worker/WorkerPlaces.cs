using Microsoft.Extensions.Configuration;

namespace Pipeline.Local.Hosting;

/// <summary>The setting that says it.</summary>
internal static class WorkerPlaces
{
    /// <exception cref="StartupException">It says something else.</exception>
    public static WorkerPlace? Read(IConfiguration configuration) => configuration[LocalSettings.WorkerName]?.ToLowerInvariant() switch
    {
        null => null,
        "same" => WorkerPlace.Same,
        "process" => WorkerPlace.Process,
        _ => throw new StartupException(
            $"{LocalSettings.WorkerName} is '{configuration[LocalSettings.WorkerName]}': 'same' (the app runs in the host's process) or 'process' (in one of its own) is expected."),
    };
}

using Pipeline.Client;

namespace Pipeline.Cli;

/// <summary>How far a replay is.</summary>
internal static class ReplayStates
{
    public static bool IsOver(this ReplaySummary replay) => replay.Status is ReplayStatus.Completed or ReplayStatus.Stopped or ReplayStatus.Failed;

    /// <summary>What changes while it is applied.</summary>
    public static (string Status, int Over, long Sent) Progress(this ReplaySummary replay) => (replay.Status, replay.Completed + replay.Failed + replay.Skipped, replay.Sent);
}

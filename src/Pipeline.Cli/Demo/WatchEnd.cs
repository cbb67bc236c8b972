namespace Pipeline.Cli.Demo;

/// <summary>Why watching ended.</summary>
internal enum WatchEnd
{
    AllFinal,
    RestBlocked,
    Stalled,
}

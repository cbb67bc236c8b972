using Pipeline.Cli.Running;

namespace Pipeline.Cli.Demo;

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

    /// <summary>Whether to inject faults. Needs <see cref="Start"/>, because only a started pipeline is killed.</summary>
    public bool Chaos { get; init; }

    /// <summary>How to start the pipeline if none answers; <see langword="null"/> if it must be running.</summary>
    public StartSettings? Start { get; init; }

    /// <summary>Stop waiting for orders when nothing has changed for this time.</summary>
    public TimeSpan StalledAfter { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Stop waiting when all remaining orders have been blocked for this time: a delayed retry can end a block.</summary>
    public TimeSpan BlockedFor { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long refunds and releases of cancelled orders may take without progress before they count as missing.</summary>
    public TimeSpan SettleFor { get; init; } = TimeSpan.FromSeconds(10);
}

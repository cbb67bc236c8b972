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

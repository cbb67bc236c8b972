namespace Pipeline.Cli.Running;

/// <summary>With which pipeline something is done.</summary>
internal sealed record SessionSettings
{
    /// <summary>The address of the pipeline.</summary>
    public required Uri Url { get; init; }

    /// <summary>The function key to send, if any.</summary>
    public string? Key { get; init; }

    /// <summary>How to start the pipeline if none answers; <see langword="null"/> if it must be running.</summary>
    public StartSettings? Start { get; init; }

    /// <summary>Whether a started pipeline is stopped when the work is done, rather than when the user says so.</summary>
    public bool Exit { get; init; }

    /// <summary>Why it must be one that is started here; <see langword="null"/> if a running one will do.</summary>
    public string? WhyOwn { get; init; }
}

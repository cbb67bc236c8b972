using Pipeline.Storage;

namespace Pipeline.Replay;

/// <summary>What is to be replayed, and how.</summary>
public sealed record ReplayRequest
{
    /// <summary>Slowest and default and fastest rate, in messages per second.</summary>
    public const int MinRate = 1, DefaultRate = 50, MaxRate = 200;

    /// <summary>The open dead letters that are meant; of each subject, it is the blocking dead letter that has to be among them.</summary>
    public required DeadLetterFilter Selection { get; init; }

    /// <summary>Whether only the named entry is meant, not what waits behind it. Needs <see cref="DeadLetterFilter.Id"/>.</summary>
    public bool Only { get; init; }

    /// <summary>The most messages per second, <see cref="MinRate"/> to <see cref="MaxRate"/>.</summary>
    public int Rate { get; init; } = DefaultRate;

    /// <summary>Subjects that may fail before the rest is left alone; 0 for any number.</summary>
    public int MaxFailed { get; init; }

    /// <summary>Who asks for it; <see langword="null"/> if they do not say.</summary>
    public string? By { get; init; }

    /// <summary>Why; <see langword="null"/> if they do not say.</summary>
    public string? Why { get; init; }
}

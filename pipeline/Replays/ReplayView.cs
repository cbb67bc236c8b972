using Pipeline.Ledger;

namespace Pipeline.Replays;

/// <summary>Why a replay cannot be planned, applied or stopped.</summary>
public sealed class ReplayRefusedException : Exception
{
    /// <summary>Creates the exception.</summary>
    public ReplayRefusedException(string message)
        : base(message)
    {
    }
}

/// <summary>What is to be replayed, and how.</summary>
public sealed record ReplayRequest
{
    /// <summary>Slowest and default and fastest rate, in messages per second.</summary>
    public const int MinRate = 1, DefaultRate = 50, MaxRate = 200;

    /// <summary>The open ledger entries that are meant; of each subject, it is the blocked head that has to be among them.</summary>
    public required LedgerFilter Selection { get; init; }

    /// <summary>Whether only the named entry is meant, not what waits behind it. Needs <see cref="LedgerFilter.Id"/>.</summary>
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

/// <summary>Subjects of a replay whose blocked heads failed of the same cause.</summary>
/// <param name="Fingerprint">The cause; see <see cref="DeadLetterGroup"/>.</param>
/// <param name="Summary">The cause in words.</param>
/// <param name="Subjects">How many subjects.</param>
/// <param name="Entries">How many messages wait in them, the heads included.</param>
public sealed record ReplayGroup(string Fingerprint, string? Summary, int Subjects, long Entries);

/// <summary>What the selection matched and the plan leaves out.</summary>
/// <param name="BehindOthers">Subjects whose blocked head is not in the selection: what matches waits behind it.</param>
/// <param name="NeverReplayed">Entries that are out of order or expired, so that nothing tells whether they were handled.</param>
public sealed record ReplayLeft(int BehindOthers, int NeverReplayed);

/// <summary>Where a replay stands.</summary>
public sealed record ReplayView
{
    /// <summary>Its id.</summary>
    public required string ReplayId { get; init; }

    /// <summary>One of <see cref="ReplayStatus"/>.</summary>
    public required string Status { get; init; }

    /// <summary>Why it is what it is, where that needs words; else <see langword="null"/>.</summary>
    public string? Detail { get; init; }

    /// <summary>What was selected.</summary>
    public required LedgerFilter Selection { get; init; }

    /// <summary>Who asked for it.</summary>
    public string? By { get; init; }

    /// <summary>Why.</summary>
    public string? Why { get; init; }

    /// <summary>The most messages per second.</summary>
    public int Rate { get; init; }

    /// <summary>Subjects in it.</summary>
    public int Subjects { get; init; }

    /// <summary>Messages that waited when it was planned, the blocked heads included. More may have come since.</summary>
    public long Entries { get; init; }

    /// <summary>The causes, the one with most subjects first; at most 20.</summary>
    public IReadOnlyList<ReplayGroup> Groups { get; init; } = [];

    /// <summary>What the selection matched and the plan leaves out.</summary>
    public required ReplayLeft Left { get; init; }

    /// <summary>How long it takes at its rate, in seconds, if nothing fails: at least a quarter of a second per message of the longest subject.</summary>
    public double EstimatedSeconds { get; init; }

    /// <summary>Subjects that are being replayed now.</summary>
    public int Running { get; init; }

    /// <summary>Subjects in which nothing waits any more.</summary>
    public int Completed { get; init; }

    /// <summary>Subjects that failed again and are still blocked.</summary>
    public int Failed { get; init; }

    /// <summary>Subjects that were left as they are.</summary>
    public int Skipped { get; init; }

    /// <summary>Messages sent so far.</summary>
    public long Sent { get; init; }

    /// <summary>
    /// Messages of subjects that are over which turned out to have had their effect before: what was replayed of them, edited or
    /// not, had none.
    /// </summary>
    public long AlreadyHandled { get; init; }

    /// <summary>When it was planned.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it was applied; <see langword="null"/> before.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When it ended; <see langword="null"/> before.</summary>
    public DateTimeOffset? FinishedAt { get; init; }
}

/// <summary>One subject of a replay.</summary>
/// <param name="Number">Its number, in the order in which they are started.</param>
/// <param name="Container">Its container.</param>
/// <param name="Partition">The subject.</param>
/// <param name="Consumer">The consumer that gets its messages.</param>
/// <param name="Entry">The blocked head when it was planned.</param>
/// <param name="Type">Its CloudEvents type; <see langword="null"/> if it is no event.</param>
/// <param name="Reason">Why it is in the ledger.</param>
/// <param name="Waiting">Messages that waited when it was planned, the head included.</param>
/// <param name="Status">One of <see cref="ReplayStatus"/>.</param>
/// <param name="Detail">Why it stopped or was skipped.</param>
/// <param name="Sent">Messages sent; 0 until the subject is over.</param>
/// <param name="AlreadyHandled">How many of them turned out to have had their effect before.</param>
/// <param name="Only">Whether the entry alone is meant, not what waits behind it.</param>
public sealed record ReplaySubject(
    int Number, string Container, string Partition, string Consumer, string Entry, string? Type, string Reason, int Waiting, string Status, string? Detail, int Sent, int AlreadyHandled, bool Only);

namespace Pipeline.Local;

/// <summary>
/// When to warn of a condition that lasts: when it begins, and every quarter of an hour that it is met again. Once would scroll out of
/// sight while it lasts; every time would bury everything else. Not safe for concurrent use.
/// </summary>
internal sealed class LastingWarning(TimeProvider clock)
{
    /// <summary>Between two warnings of one condition.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMinutes(15);

    private long? _warnedAt;

    /// <summary>The condition is met: whether to warn now.</summary>
    public bool Met()
    {
        if (_warnedAt is { } at && clock.GetElapsedTime(at) < Interval)
            return false;
        _warnedAt = clock.GetTimestamp();
        return true;
    }

    /// <summary>The condition is over: whether it was warned of, so that its end is to be told. The next time it is warned of at once.</summary>
    public bool Over()
    {
        var lasted = _warnedAt is not null;
        _warnedAt = null;
        return lasted;
    }
}

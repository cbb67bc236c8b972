using System.Diagnostics.CodeAnalysis;

namespace Pipeline.Local.Hosting;

/// <summary>When a failed invocation is run again.</summary>
/// <param name="MaxRetryCount">-1 = without end.</param>
/// <param name="Shortest">Delay before the first retry; it grows up to <paramref name="Longest"/>.</param>
/// <param name="Longest">The same as <paramref name="Shortest"/> for a fixed delay.</param>
internal sealed record RetryPolicy(int MaxRetryCount, TimeSpan Shortest, TimeSpan Longest)
{
    private const double Spread = 0.2;

    /// <exception cref="StartupException">The values make no sense.</exception>
    public static RetryPolicy Checked(int maxRetryCount, TimeSpan shortest, TimeSpan longest)
    {
        if (maxRetryCount < -1)
            throw new StartupException(string.Create(CultureInfo.InvariantCulture, $"MaxRetryCount is {maxRetryCount}: -1 (without end) or more is expected."));
        return shortest <= longest
            ? new RetryPolicy(maxRetryCount, shortest, longest)
            : throw new StartupException($"The minimum interval {shortest} is longer than the maximum {longest}.");
    }

    /// <summary>Whether the retry of this number (from 1) takes place.</summary>
    public bool Allows(int retry) => MaxRetryCount == -1 || retry <= MaxRetryCount;

    /// <summary>
    /// Delay before the retry of this number (from 1): first the shortest, then that and as much again, twice as much, four times as
    /// much, each up to a fifth more or less, as the Azure host spreads them; never more than the longest.
    /// </summary>
    [SuppressMessage("Security", "CA5394:Do not use insecure randomness", Justification = "When a retry comes is no secret.")]
    public TimeSpan DelayBefore(int retry, Random random)
    {
        if (retry == 1 || Shortest == Longest)
            return Shortest;
        double spread;
        lock (random)
            spread = 1 - Spread + (2 * Spread * random.NextDouble());
        var ticks = Shortest.Ticks * (1 + (spread * Math.Pow(2, Math.Min(retry - 2, 40))));
        return ticks < Longest.Ticks ? TimeSpan.FromTicks((long)ticks) : Longest;
    }
}

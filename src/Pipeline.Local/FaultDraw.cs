using System.Diagnostics.CodeAnalysis;

namespace Pipeline.Local;

/// <summary>
/// The faults that a text asks for, as <c>busy=0.02:500,lost=0.01</c>: kinds with a fraction from 0 to 1 and, behind a colon,
/// milliseconds, up to a minute. And the dice.
/// </summary>
internal sealed class FaultDraw
{
    /// <summary>The kind that delays a call; it has to say for how long.</summary>
    public const string Latency = "latency";

    private const int MaxMilliseconds = 60_000;

    private readonly Random _random;

    private FaultDraw(IReadOnlyList<FaultShare> shares, Random random) => (Shares, _random) = (shares, random);

    /// <summary>In the order of the text.</summary>
    public IReadOnlyList<FaultShare> Shares { get; }

    /// <param name="text">What to read.</param>
    /// <param name="kinds">The kinds that there are, each with whether it may have a wait.</param>
    /// <param name="grammar">What a text may hold, for the message.</param>
    /// <param name="random">Draws; used by nobody else, because it is not thread-safe.</param>
    /// <exception cref="FormatException">The text is not understood.</exception>
    public static FaultDraw Parse(string text, IReadOnlyDictionary<string, bool> kinds, string grammar, Random random)
    {
        var shares = new List<FaultShare>();
        foreach (var entry in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var (kind, rest) = entry.Split('=', 2) is [var name, var value] ? (name.ToLowerInvariant(), value) : (entry, "");
            var (fraction, wait) = rest.Split(':', 2) is [var share, var milliseconds] ? (share, milliseconds) : (rest, null);
            var waitMilliseconds = 0;
            if (!kinds.TryGetValue(kind, out var takesWait)
                || !double.TryParse(fraction, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var part) || part is not (>= 0 and <= 1)
                || (wait is null && kind == Latency)
                || (wait is not null && !(takesWait && int.TryParse(wait, NumberStyles.None, CultureInfo.InvariantCulture, out waitMilliseconds)))
                || waitMilliseconds > MaxMilliseconds)
                throw new FormatException($"'{entry}' is not understood: {grammar} is expected.");
            shares.Add(new(kind, part, wait is null ? null : TimeSpan.FromMilliseconds(waitMilliseconds)));
        }

        return new(shares, random);
    }

    /// <summary>Throws the dice.</summary>
    [SuppressMessage("Security", "CA5394:Do not use insecure randomness", Justification = "Which calls fail is no secret.")]
    public bool Happens(FaultShare share)
    {
        lock (_random)
            return _random.NextDouble() < share.Fraction;
    }
}

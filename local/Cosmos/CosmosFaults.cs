using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Pipeline.Local.Cosmos;

/// <summary>
/// Faults that the real service may answer with at any time, made to happen to a fraction of the requests for items:
/// <c>429=0.05:250,lost=0.01</c> is a 429 with a wait of 250 ms for every twentieth, and a lost reply for every hundredth write.
/// </summary>
internal sealed class CosmosFaults
{
    /// <summary>What a text may hold, for messages and documentation.</summary>
    public const string Grammar =
        "a list such as '429=0.05:250,503=0.01,latency=0.2:50' of 429 (with :ms until a retry), 449, 408, 503, lost (written, the reply does not " +
        "arrive) and latency (with :ms), each with the fraction of requests from 0 to 1";

    private const int MaxMilliseconds = 60_000;

    private readonly List<(string Kind, double Fraction, TimeSpan Wait)> _faults;
    private readonly Random _random;
    private readonly TimeProvider _clock;

    private CosmosFaults(List<(string Kind, double Fraction, TimeSpan Wait)> faults, Random random, TimeProvider clock)
    {
        (_faults, _random, _clock) = (faults, random, clock);
    }

    /// <param name="text">See <see cref="Grammar"/>.</param>
    /// <param name="random">Draws; used by nobody else, because it is not thread-safe.</param>
    /// <param name="clock">Times the latency.</param>
    /// <exception cref="FormatException">The text is not understood.</exception>
    public static CosmosFaults Parse(string text, Random random, TimeProvider clock)
    {
        var faults = new List<(string Kind, double Fraction, TimeSpan Wait)>();
        foreach (var entry in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var (kind, rest) = entry.Split('=', 2) is [var name, var value] ? (name.ToLowerInvariant(), value) : (entry, "");
            var (fraction, wait) = rest.Split(':', 2) is [var share, var milliseconds] ? (share, milliseconds) : (rest, null);
            var takesWait = kind is "429" or "latency";
            var waitMilliseconds = 0;
            if (kind is not ("429" or "449" or "408" or "503" or "lost" or "latency")
                || !double.TryParse(fraction, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var part) || part is not (>= 0 and <= 1)
                || (wait is null && kind == "latency")
                || (wait is not null && !(takesWait && int.TryParse(wait, NumberStyles.None, CultureInfo.InvariantCulture, out waitMilliseconds)))
                || waitMilliseconds > MaxMilliseconds)
                throw new FormatException($"'{entry}' is not understood: {Grammar} is expected.");
            faults.Add((kind, part, TimeSpan.FromMilliseconds(waitMilliseconds)));
        }

        return new(faults, random, clock);
    }

    public async ValueTask<CosmosFault> OnRequestAsync(CosmosRequest request)
    {
        var isItems = request.Resource is CosmosResource.Item or CosmosResource.Batch or CosmosResource.Query or CosmosResource.ItemFeed
            or CosmosResource.ChangeFeed;
        if (!isItems)
            return CosmosFault.None;
        var isWrite = request.Resource == CosmosResource.Batch || (request.Resource == CosmosResource.Item && request.Method != "GET");
        foreach (var (kind, fraction, wait) in _faults)
        {
            if ((!isWrite && kind is ("449" or "lost")) || !Happens(fraction))
                continue;
            switch (kind)
            {
                case "latency":
                    await Task.Delay(wait, _clock);
                    break;
                case "lost":
                    return CosmosFault.LoseReplyAfterExecuting;
                case "429":
                    return CosmosFault.Reply(429, SubStatus.RequestRateTooLarge, wait);
                default:
                    return CosmosFault.Reply(int.Parse(kind, CultureInfo.InvariantCulture));
            }
        }

        return CosmosFault.None;
    }

    [SuppressMessage("Security", "CA5394:Do not use insecure randomness", Justification = "Which requests fail is no secret.")]
    private bool Happens(double fraction)
    {
        lock (_random)
            return _random.NextDouble() < fraction;
    }
}

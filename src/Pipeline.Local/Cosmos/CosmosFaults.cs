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

    /// <summary>With whether a wait may go with it.</summary>
    private static readonly Dictionary<string, bool> Kinds = new(StringComparer.Ordinal)
    {
        ["429"] = true,
        ["449"] = false,
        ["408"] = false,
        ["503"] = false,
        ["lost"] = false,
        [FaultDraw.Latency] = true,
    };

    private readonly FaultDraw _faults;
    private readonly TimeProvider _clock;

    private CosmosFaults(FaultDraw faults, TimeProvider clock) => (_faults, _clock) = (faults, clock);

    /// <param name="text">See <see cref="Grammar"/>.</param>
    /// <param name="random">Draws; used by nobody else, because it is not thread-safe.</param>
    /// <param name="clock">Times the latency.</param>
    /// <exception cref="FormatException">The text is not understood.</exception>
    public static CosmosFaults Parse(string text, Random random, TimeProvider clock) => new(FaultDraw.Parse(text, Kinds, Grammar, random), clock);

    public async ValueTask<CosmosFault> OnRequestAsync(CosmosRequest request)
    {
        var isItems = request.Resource is CosmosResource.Item or CosmosResource.Batch or CosmosResource.Query or CosmosResource.ItemFeed
            or CosmosResource.ChangeFeed;
        if (!isItems)
            return CosmosFault.None;
        var isWrite = request.Resource == CosmosResource.Batch || (request.Resource == CosmosResource.Item && request.Method != "GET");
        foreach (var share in _faults.Shares)
        {
            if ((!isWrite && share.Kind is ("449" or "lost")) || !_faults.Happens(share))
                continue;
            switch (share.Kind)
            {
                case FaultDraw.Latency:
                    await Task.Delay(share.Wait!.Value, _clock);
                    break;
                case "lost":
                    return CosmosFault.LoseReplyAfterExecuting;
                case "429":
                    return CosmosFault.Reply(429, SubStatus.RequestRateTooLarge, share.Wait ?? TimeSpan.Zero);
                default:
                    return CosmosFault.Reply(int.Parse(share.Kind, CultureInfo.InvariantCulture));
            }
        }

        return CosmosFault.None;
    }
}

namespace Pipeline.Local.Cosmos;

/// <summary>What a test makes of a request; see <see cref="CosmosEndpoint.OnRequest"/>.</summary>
internal sealed class CosmosFault
{
    private CosmosFault()
    {
    }

    /// <summary>Execute and answer as usual.</summary>
    public static CosmosFault None { get; } = new();

    /// <summary>Execute, then lose the answer: the client cannot know whether it happened.</summary>
    public static CosmosFault LoseReplyAfterExecuting { get; } = new();

    /// <summary>Break the connection with nothing done.</summary>
    public static CosmosFault LoseBeforeExecuting { get; } = new();

    internal CosmosReply? Answer { get; private init; }

    /// <summary>Do nothing and answer with this status, as the service does under load (429, 503) or when it moves (410).</summary>
    public static CosmosFault Reply(int status, int subStatus = 0, TimeSpan? retryAfter = null) => new()
    {
        Answer = CosmosReply.Error(status, string.Create(CultureInfo.InvariantCulture,
            $"Status {status}/{subStatus} by fault injection."), subStatus, retryAfter),
    };
}

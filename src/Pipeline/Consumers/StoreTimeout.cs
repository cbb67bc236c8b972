namespace Pipeline.Consumers;

/// <summary>
/// How long one invocation waits for Cosmos DB or the payload store before it gives its messages back. The messages of a batch
/// share it: their locks are not renewed, so the last of them must not wait after all the others have.
/// </summary>
internal sealed class StoreTimeout(TimeProvider clock, TimeSpan timeout)
{
    private readonly long _started = clock.GetTimestamp();
    private volatile bool _isOver;

    /// <summary>Whether a message of this invocation was given back already: the others need not try.</summary>
    public bool IsOver => _isOver;

    /// <summary>After a failed attempt: whether it was the last. Once it is over, it is over for all.</summary>
    public bool EndIfUsedUp() => _isOver = _isOver || clock.GetElapsedTime(_started) > timeout;
}

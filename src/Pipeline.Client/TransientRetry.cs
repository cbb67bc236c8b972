namespace Pipeline.Client;

/// <summary>Repeats requests that failed for a transient reason: no connection, 5xx, 408, 429.</summary>
/// <param name="clock">The time of pauses.</param>
/// <param name="random">Spreads the pauses, so that requests that failed together are not repeated together.</param>
public sealed class TransientRetry(TimeProvider clock, Random random)
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(2);

    /// <summary>Gets how long to retry after the first failure. Default: 60 seconds.</summary>
    public TimeSpan Budget { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Sends a request until it succeeds, fails for good, or the budget is spent.</summary>
    /// <param name="request">Sends it; it has to be safe to repeat.</param>
    /// <param name="cancellationToken">Ends the attempts.</param>
    /// <exception cref="PipelineClientException">It failed for good, or the budget is spent.</exception>
    public async Task<T> RetryAsync<T>(Func<CancellationToken, Task<T>> request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        var pause = TimeSpan.FromMilliseconds(100);
        long? firstFailure = null;
        while (true)
        {
            try
            {
                return await request(cancellationToken);
            }
            catch (PipelineClientException failure) when (failure.IsTransient)
            {
                firstFailure ??= clock.GetTimestamp();
                if (clock.GetElapsedTime(firstFailure.Value) >= Budget)
                    throw;
            }

            // Full jitter, so that the requests that failed together do not come back together.
            await Task.Delay(pause * Jitter(), clock, cancellationToken);
            pause = pause * 2 < Longest ? pause * 2 : Longest;
        }
    }

    private double Jitter()
    {
        // Random is not thread-safe, and many requests may be retried at once.
        lock (random)
            return random.NextDouble();
    }
}

namespace Pipeline.Cli.Http;

/// <summary>Repeats what failed for a passing reason: no connection, 5xx, 429.</summary>
internal sealed class Transient(TimeProvider clock, Random random)
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(2);

    /// <summary>How long to retry after the first failure.</summary>
    public TimeSpan Budget { get; init; } = TimeSpan.FromSeconds(60);

    public async Task<T> RetryAsync<T>(Func<CancellationToken, Task<T>> request, CancellationToken cancellationToken)
    {
        var pause = TimeSpan.FromMilliseconds(100);
        long? firstFailure = null;
        while (true)
        {
            try
            {
                return await request(cancellationToken);
            }
            catch (CliFailure failure) when (failure.IsTransient)
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
        // Random is not thread-safe, and placing runs many of these at once.
        lock (random)
            return random.NextDouble();
    }
}

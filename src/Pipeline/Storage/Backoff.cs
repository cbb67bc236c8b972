namespace Pipeline.Storage;

/// <summary>Retries in process, with full jitter: the pause before attempt n is random between 0 and a bound that doubles.</summary>
internal sealed class Backoff(TimeProvider clock, Random random)
{
    /// <summary>Attempts in all, the first included.</summary>
    public int Attempts { get; init; } = 6;

    /// <summary>Bound of the first pause.</summary>
    public TimeSpan First { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Bound of every pause.</summary>
    public TimeSpan Longest { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Runs an operation until it succeeds, fails for good, or the attempts are used up.</summary>
    /// <exception cref="StoreUnavailableException">The last attempt failed transiently; the inner exception says how.</exception>
    public async Task<T> RunAsync<T>(Func<Task<T>> operation, Func<Exception, bool> isTransient, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await operation();
            }
            catch (Exception e) when (isTransient(e) && !cancellationToken.IsCancellationRequested)
            {
                if (attempt >= Attempts)
                    throw e as StoreUnavailableException ?? new StoreUnavailableException(e.Message, e);
                await PauseAsync(attempt, cancellationToken);
            }
        }
    }

    /// <summary>Waits before the attempt that follows attempt <paramref name="attempt"/>.</summary>
    public Task PauseAsync(int attempt, CancellationToken cancellationToken)
    {
        var bound = Math.Min(Longest.TotalMilliseconds, First.TotalMilliseconds * Math.Pow(2, attempt - 1));
        double share;
        lock (random)
            share = random.NextDouble();
        return Task.Delay(TimeSpan.FromMilliseconds(bound * share), clock, cancellationToken);
    }

    /// <summary>As <see cref="PauseAsync"/>; ends early, without an exception, when it is cancelled. The caller looks at the token next.</summary>
    public Task PauseQuietlyAsync(int attempt, CancellationToken cancellationToken) => QuietlyAsync(PauseAsync(attempt, cancellationToken));

    private static async Task QuietlyAsync(Task pause) => await pause.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}

using Microsoft.Azure.Functions.Worker;
using Pipeline.Operations;

namespace Pipeline.AzureFunctions.ChangeFeed;

/// <summary>The periodic measurement of what is left to do.</summary>
/// <param name="stores">The containers.</param>
/// <param name="clock">The clock.</param>
public sealed class BacklogFunctions(Stores stores, TimeProvider clock)
{
    /// <summary>Every minute: how much is blocked, quarantined and open, for the alerts. Four queries per container.</summary>
    /// <param name="timer">The schedule.</param>
    /// <param name="cancellationToken">Ends the measurement.</param>
    [Function("measure")]
    public Task Measure([TimerTrigger("0 * * * * *")] TimerInfo timer, CancellationToken cancellationToken) =>
        Task.WhenAll(stores.All.Select(store => BacklogMetrics.TakeAsync(store, clock, cancellationToken)));
}

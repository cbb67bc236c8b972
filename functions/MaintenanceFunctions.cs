using Microsoft.Azure.Functions.Worker;
using Pipeline.Operations;

namespace Pipeline.Functions;

/// <summary>Periodic measurements and cleanup.</summary>
public sealed class MaintenanceFunctions(PayloadCollector collector, Stores stores, TimeProvider clock)
{
    /// <summary>Every minute: how much is blocked, quarantined and open, for the alerts. Four queries per container.</summary>
    [Function("measure")]
    public Task Measure([TimerTrigger("0 * * * * *")] TimerInfo timer, CancellationToken cancellationToken) =>
        Task.WhenAll(stores.All.Select(store => BacklogMetrics.TakeAsync(store, clock, cancellationToken)));

    /// <summary>Every hour: deletes the payloads of large messages that are not needed any more.</summary>
    [Function("collect-payloads")]
    public Task CollectPayloads([TimerTrigger("0 17 * * * *")] TimerInfo timer, CancellationToken cancellationToken) =>
        collector.RunAsync(cancellationToken);
}

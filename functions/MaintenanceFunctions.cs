using Microsoft.Azure.Functions.Worker;
using Pipeline.Payloads;

namespace Pipeline.Functions;

/// <summary>What has to be cleared away now and then.</summary>
public sealed class MaintenanceFunctions(PayloadCollector collector)
{
    /// <summary>Every hour: deletes the payloads of large messages that everybody is done with.</summary>
    [Function("collect-payloads")]
    public Task CollectPayloads([TimerTrigger("0 17 * * * *")] TimerInfo timer, CancellationToken cancellationToken) =>
        collector.RunAsync(cancellationToken);
}

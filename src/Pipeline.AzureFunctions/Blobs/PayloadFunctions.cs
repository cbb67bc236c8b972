using Microsoft.Azure.Functions.Worker;
using Pipeline.Operations;

namespace Pipeline.AzureFunctions.Blobs;

/// <summary>The cleanup of the payload store.</summary>
/// <param name="collector">Deletes payloads.</param>
public sealed class PayloadFunctions(PayloadCollector collector)
{
    /// <summary>Every hour: deletes the payloads of large messages that are not needed any more.</summary>
    /// <param name="timer">The schedule.</param>
    /// <param name="cancellationToken">Ends the cleanup.</param>
    [Function("collect-payloads")]
    public Task CollectPayloads([TimerTrigger("0 17 * * * *")] TimerInfo timer, CancellationToken cancellationToken) =>
        collector.RunAsync(cancellationToken);
}

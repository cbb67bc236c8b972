using Microsoft.Azure.Functions.Worker;
using Pipeline.Replay;

namespace Pipeline.AzureFunctions.ChangeFeed;

/// <summary>The recovery sweep of the outboxes and of replays.</summary>
/// <param name="relays">The relays.</param>
/// <param name="replays">The replays.</param>
public sealed class RecoverySweepFunctions(Relays relays, ReplayCoordinator replays)
{
    /// <summary>Finds what the feed missed: every five seconds, a few queries per container, 3 RU each where nothing is left behind.</summary>
    /// <param name="timer">The schedule.</param>
    /// <param name="cancellationToken">Ends with the host.</param>
    [Function("sweep")]
    public Task Sweep([TimerTrigger("*/5 * * * * *")] TimerInfo timer, CancellationToken cancellationToken) =>
        Task.WhenAll(relays.All.Select(relay => relay.SweepAsync(cancellationToken)).Append(replays.SweepAsync(cancellationToken)));
}

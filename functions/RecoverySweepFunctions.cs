using Microsoft.Azure.Functions.Worker;
using Pipeline.Replay;

namespace Pipeline.Functions;

/// <summary>The recovery sweep of the outboxes and of replays.</summary>
public sealed class RecoverySweepFunctions(Relays relays, ReplayCoordinator replays)
{
    /// <summary>Finds what the feed missed: every five seconds, a few queries per container, 3 RU each where nothing is left behind.</summary>
    [Function("sweep")]
    public Task Sweep([TimerTrigger("*/5 * * * * *")] TimerInfo timer, CancellationToken cancellationToken) =>
        Task.WhenAll(relays.All.Select(relay => relay.SweepAsync(cancellationToken)).Append(replays.SweepAsync(cancellationToken)));
}

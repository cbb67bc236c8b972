using Microsoft.Extensions.Logging;
using Pipeline.DeadLetters;
using Pipeline.Outbox;
using Pipeline.Replay;
using Pipeline.Storage;

namespace Pipeline.Feeds;

/// <summary>Advances the replays that the change feed or the recovery sweep finds. One that fails holds up none of the others.</summary>
internal sealed class ReplayAdvancer(CosmosPartitionStore store, SubjectReplayer replayer, RelayServices services, ILogger log)
{
    /// <summary>Replays of different partitions side by side: when a gateway is down, many messages wait for a retry at a time.</summary>
    public Task AdvanceAsync(IReadOnlyCollection<(Partition Partition, string ReplayId)> replays, CancellationToken cancellationToken) =>
        Parallel.ForEachAsync(
            replays.GroupBy(r => r.Partition),
            new ParallelOptions { MaxDegreeOfParallelism = services.Options.Parallelism, CancellationToken = cancellationToken },
            async (partition, token) =>
            {
                foreach (var (_, replayId) in partition)
                    await AdvanceAsync(partition.Key, replayId, token);
            });

    /// <summary>Takes note that subjects of replays are done.</summary>
    public Task OnDoneAsync(IReadOnlyCollection<SubjectReplayRecord> done, CancellationToken cancellationToken) => replayer.OnDoneAsync(done, cancellationToken);

    private async Task AdvanceAsync(Partition partition, string replayId, CancellationToken cancellationToken)
    {
        try
        {
            await replayer.AdvanceAsync(store, partition, replayId, cancellationToken);
        }
        catch (DamagedPartitionException e)
        {
            log.LogError(e, "Replay {Replay} cannot continue. {Damage}", replayId, e.Message);
            await store.NoteAsync(HandlingProblem.Damage(e, ConsumerName.Replay, services.Clock.GetUtcNow()), cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            log.LogError(e, "Replay {Replay} of {Container}/{Partition} could not continue; the recovery sweep will try again.", replayId, store.Name, partition.Value);
        }
    }
}

using System.Text.Json;
using Microsoft.Extensions.Logging;
using Pipeline.Storage;
using Pipeline.Replay;

namespace Pipeline.Outbox;

/// <content>Replays that the feed or the sweep finds go on.</content>
public sealed partial class Relay
{
    /// <summary>Replays of different partitions side by side: when a gateway is down, many messages are held at a time.</summary>
    private Task AdvanceAsync(IReadOnlyCollection<(string Partition, string ReplayId)> replays, CancellationToken cancellationToken) =>
        Parallel.ForEachAsync(
            replays.GroupBy(r => r.Partition, StringComparer.Ordinal),
            new ParallelOptions { MaxDegreeOfParallelism = _options.Parallelism, CancellationToken = cancellationToken },
            async (partition, token) =>
            {
                foreach (var (_, replayId) in partition)
                {
                    try
                    {
                        await _replayer.AdvanceAsync(_store, partition.Key, replayId, token);
                    }
                    catch (DamagedPartitionException e)
                    {
                        _log.LogError(e, "Replay {Replay} cannot go on. {Damage}", replayId, e.Message);
                        await _store.NoteDamageAsync(e, "replay", _clock.GetUtcNow(), token);
                    }
                    catch (Exception e) when (!token.IsCancellationRequested)
                    {
                        _log.LogError(e, "Replay {Replay} of {Container}/{Partition} could not go on; the sweep will try again.", replayId, _store.Name, partition.Key);
                    }
                }
            });

    /// <summary>One that cannot be read holds up nothing: the sweep of its plan says so again and again.</summary>
    private SubjectReplayRecord? ReplayOf(JsonElement document)
    {
        try
        {
            return document.Deserialize(RecordJson.Default.SubjectReplayRecord);
        }
        catch (JsonException e)
        {
            _log.LogError(e, "The replay record '{Id}' of {Container}/{Partition} cannot be read; it is passed over.", Text(document, "id"), _store.Name, Text(document, "pk"));
            return null;
        }
    }
}

using Microsoft.Extensions.Logging;
using Pipeline.Diagnostics;
using Pipeline.Messages;
using Pipeline.Storage;

namespace Pipeline.Outbox;

/// <summary>
/// Sends one outbox record of each of many partitions at a time, in as few sends as possible. A record that is refused costs the others a second
/// send, nothing more.
/// </summary>
internal sealed class ServiceBusDispatcher(IMessageSender sender, RelayOptions options, TimeProvider clock, Random random, ILogger log)
{
    private readonly Backoff _backoff = new(clock, random);

    /// <summary>Publishes the records, which are of different partitions. The result has one entry for each.</summary>
    public async Task<PublishResult[]> PublishAsync(IReadOnlyList<OutboxRecord> records, CancellationToken cancellationToken)
    {
        var results = new PublishResult[records.Count];
        var byDestination = new Dictionary<string, List<int>>(StringComparer.Ordinal);
        for (var i = 0; i < records.Count; i++)
        {
            if (records[i].Unpublishable is { } reason)
            {
                results[i] = new PublishResult(PublishOutcome.Refused, reason);
                continue;
            }

            if (records[i].Messages.Count == 0)
                results[i] = PublishResult.Published;
            foreach (var destination in records[i].Messages.Select(m => m.Destination).Distinct(StringComparer.Ordinal))
            {
                if (!byDestination.TryGetValue(destination, out var list))
                    byDestination.Add(destination, list = []);
                list.Add(i);
            }
        }

        await Task.WhenAll(byDestination.Select(pair => SendAllAsync(pair.Key, pair.Value, records, results, cancellationToken)));
        return results;
    }

    private async Task SendAllAsync(
        string destination, List<int> indexes, IReadOnlyList<OutboxRecord> records, PublishResult[] results, CancellationToken cancellationToken)
    {
        var messages = indexes.SelectMany(i => MessagesFor(records[i], destination)).ToList();
        var result = await SendAsync(destination, messages, cancellationToken);
        if (result.Outcome == PublishOutcome.Refused && indexes.Count > 1)
        {
            foreach (var i in indexes)
                KeepWorse(results, i, await SendAsync(destination, [.. MessagesFor(records[i], destination)], cancellationToken));
            return;
        }

        foreach (var i in indexes)
            KeepWorse(results, i, result);
    }

    /// <summary>A record is published only if all its destinations accepted their messages.</summary>
    private static void KeepWorse(PublishResult[] results, int index, PublishResult result)
    {
        lock (results)
        {
            if (result.Outcome > results[index].Outcome)
                results[index] = result;
        }
    }

    private static IEnumerable<OutgoingMessage> MessagesFor(OutboxRecord record, string destination) =>
        record.Messages.Where(m => m.Destination == destination).Select(m => m.Message);

    private async Task<PublishResult> SendAsync(string destination, List<OutgoingMessage> messages, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await sender.SendAsync(destination, messages, cancellationToken);
                Telemetry.Published.Add(messages.Count, new KeyValuePair<string, object?>("destination", destination));
                return PublishResult.Published;
            }
            catch (MessageRefusedException e)
            {
                return new PublishResult(PublishOutcome.Refused, e.Message);
            }
            catch (DestinationUnavailableException e)
            {
                log.LogError(e, "'{Destination}' accepts no messages now; {Count} wait for the recovery sweep.", destination, messages.Count);
                return new PublishResult(PublishOutcome.DestinationUnavailable, e.Message);
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                if (attempt >= options.SendAttempts)
                {
                    log.LogError(
                        e, "Sending {Count} messages to '{Destination}' failed {Attempts} times; the recovery sweep will try again.", messages.Count, destination, attempt);
                    return new PublishResult(PublishOutcome.Unavailable, e.Message);
                }

                await _backoff.PauseAsync(attempt, cancellationToken);
            }
        }
    }
}

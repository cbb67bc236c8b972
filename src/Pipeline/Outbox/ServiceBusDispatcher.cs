using Microsoft.Extensions.Logging;
using Pipeline.Messages;

namespace Pipeline.Outbox;

/// <summary>
/// Sends one record of each of many partitions at a time, packed into as few sends as possible. One record that is
/// refused costs the others a second send, nothing more.
/// </summary>
internal sealed class ServiceBusDispatcher(IMessageSender sender, RelayOptions options, TimeProvider clock, Random random, ILogger log)
{
    private readonly Backoff _backoff = new(clock, random);

    /// <summary>Publishes the records, which are of different partitions. The result has one outcome for each, and why it was refused.</summary>
    public async Task<(PublishOutcome Outcome, string? Reason)[]> PublishAsync(IReadOnlyList<OutboxRecord> records, CancellationToken cancellationToken)
    {
        var results = new (PublishOutcome Outcome, string? Reason)[records.Count];
        var byDestination = new Dictionary<string, List<int>>(StringComparer.Ordinal);
        for (var i = 0; i < records.Count; i++)
        {
            if (records[i].Unpublishable is { } reason)
            {
                results[i] = (PublishOutcome.Refused, reason);
                continue;
            }

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
        string destination, List<int> indexes, IReadOnlyList<OutboxRecord> records, (PublishOutcome, string?)[] results, CancellationToken cancellationToken)
    {
        var messages = indexes.SelectMany(i => MessagesFor(records[i], destination)).ToList();
        var (outcome, reason) = await SendAsync(destination, messages, cancellationToken);
        if (outcome == PublishOutcome.Refused && indexes.Count > 1)
        {
            foreach (var i in indexes)
                Worsen(results, i, await SendAsync(destination, [.. MessagesFor(records[i], destination)], cancellationToken));
            return;
        }

        foreach (var i in indexes)
            Worsen(results, i, (outcome, reason));
    }

    /// <summary>A record is published only if all its destinations took their messages.</summary>
    private static void Worsen((PublishOutcome Outcome, string?)[] results, int index, (PublishOutcome Outcome, string?) result)
    {
        lock (results)
        {
            if (result.Outcome > results[index].Outcome)
                results[index] = result;
        }
    }

    private static IEnumerable<OutgoingMessage> MessagesFor(OutboxRecord record, string destination) =>
        record.Messages.Where(m => m.Destination == destination).Select(m => m.Message);

    private async Task<(PublishOutcome, string?)> SendAsync(string destination, List<OutgoingMessage> messages, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await sender.SendAsync(destination, messages, cancellationToken);
                Telemetry.Published.Add(messages.Count, new KeyValuePair<string, object?>("destination", destination));
                return (PublishOutcome.Published, null);
            }
            catch (MessageRefusedException e)
            {
                return (PublishOutcome.Refused, e.Message);
            }
            catch (DestinationUnavailableException e)
            {
                log.LogError(e, "'{Destination}' takes no messages now; {Count} wait for the sweep.", destination, messages.Count);
                return (PublishOutcome.DestinationFailed, e.Message);
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                if (attempt >= options.SendAttempts)
                {
                    log.LogError(e, "Sending {Count} messages to '{Destination}' failed {Attempts} times; the sweep will try again.", messages.Count, destination, attempt);
                    return (PublishOutcome.Failed, e.Message);
                }

                await _backoff.PauseAsync(attempt, cancellationToken);
            }
        }
    }
}

using Pipeline.Client;

namespace Pipeline.Cli.Demo;

/// <summary>Counts the waiting orders behind a dead letter or a quarantined outbox message.</summary>
internal sealed class Blocking(PipelineClient client)
{
    private const int MostRead = 5_000;

    public async Task<int> CountAsync(IReadOnlyCollection<PlacedOrder> waiting, CancellationToken cancellationToken)
    {
        if (waiting.Count == 0)
            return 0;

        try
        {
            var status = await client.Monitoring.GetStatusAsync(cancellationToken);
            if (status.BlockedSubjects + status.OpenDeadLetters + status.WaitingForRetry + status.Quarantined == 0)
                return 0;

            var subjects = await SubjectsAsync(cancellationToken);
            return waiting.Count(order => IsBlocked(order, subjects));
        }
        catch (PipelineClientException failure) when (failure.IsTransient)
        {
            return 0;
        }
    }

    /// <summary>
    /// An order waits behind its own subject, a message that it caused, or a SKU of one of its lines. A partition can have a prefix,
    /// so names are compared from their end.
    /// </summary>
    internal static bool IsBlocked(PlacedOrder order, IReadOnlySet<string> subjects) =>
        subjects.Any(subject => subject == order.CorrelationId || Names(subject, order.OrderId) || order.Lines.Any(line => Names(subject, line.Sku)));

    private static bool Names(string subject, string id) =>
        subject.EndsWith(id, StringComparison.Ordinal)
        && (subject.Length == id.Length || !char.IsAsciiLetterOrDigit(subject[^(id.Length + 1)]));

    private async Task<HashSet<string>> SubjectsAsync(CancellationToken cancellationToken)
    {
        var subjects = new HashSet<string>(StringComparer.Ordinal);
        var read = 0;
        var deadLetters = client.DeadLetters.ListAsync(new DeadLetterQuery { Status = "open" }, limit: 500, cancellationToken: cancellationToken);
        await foreach (var entry in deadLetters)
        {
            if (++read > MostRead)
                break;

            subjects.Add(entry.Partition);
            if (entry.CorrelationId is { Length: > 0 } correlationId)
                subjects.Add(correlationId);
            if (entry.Subject is { Length: > 0 } subject)
                subjects.Add(subject);
        }

        await foreach (var quarantined in client.Outbox.ListQuarantinedAsync(cancellationToken: cancellationToken))
            subjects.Add(quarantined.Partition);

        return subjects;
    }
}

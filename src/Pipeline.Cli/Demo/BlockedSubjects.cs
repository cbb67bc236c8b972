using Pipeline.Cli.Sample;
using Pipeline.Client;

namespace Pipeline.Cli.Demo;

/// <summary>Finds the dead letters that block the orders of a run.</summary>
internal sealed class BlockedSubjects(PipelineClient client, TransientRetry retry)
{
    private const int MostShown = 10;
    private const int MostReasons = 3;
    private const string BlockedByPredecessor = "BlockedByPredecessor";

    /// <summary>Gets the blocked subjects of these orders, by the number of the order.</summary>
    public async Task<IReadOnlyList<BlockedSubject>> OfAsync(IReadOnlyList<PlacedOrder> orders, CancellationToken cancellationToken)
    {
        var byId = orders.ToDictionary(order => order.OrderId, StringComparer.Ordinal);
        var byFlow = orders.Where(order => order.CorrelationId is not null).ToDictionary(order => order.CorrelationId!, StringComparer.Ordinal);
        var found = new Dictionary<(string Container, string Partition, string? Consumer), (PlacedOrder Order, List<DeadLetterDetails> Entries)>();
        var deadLetters = client.DeadLetters.ListAsync(new DeadLetterQuery { Status = "open" }, limit: 500, retry, cancellationToken);
        await foreach (var entry in deadLetters)
        {
            if (!byId.TryGetValue(entry.Partition, out var order)
                && !(entry.CorrelationId is { } flow && byFlow.TryGetValue(flow, out order)))
            {
                continue;
            }

            var key = (entry.Container, entry.Partition, entry.Consumer);
            if (!found.TryGetValue(key, out var subject))
                found.Add(key, subject = (order, []));

            subject.Entries.Add(entry);
        }

        return
        [
            .. found.Select(subject => Of(subject.Key.Partition, subject.Key.Consumer, subject.Value.Order, subject.Value.Entries))
                .OrderBy(subject => subject.Order.Number)
                .ThenBy(subject => subject.Consumer, StringComparer.Ordinal),
        ];
    }

    public static void Write(Terminal terminal, IReadOnlyList<BlockedSubject> blocked)
    {
        if (blocked.Count == 0)
        {
            terminal.Line("No subject is blocked.");
            return;
        }

        terminal.Line();
        terminal.Line($"Everything else is done; {Wording.Count(blocked.Count, "subject is", "subjects are")} blocked, for these reasons:");
        var table = terminal.Table("subject", "consumer", "reason", Column.Below("attempts"), Column.Below("waiting behind it"));
        foreach (var subject in blocked.Take(MostShown))
            table.AddCells(subject.Partition, subject.Consumer, subject.Reason, subject.Attempts, subject.WaitingBehind);

        terminal.Console.Write(table);
        if (blocked.Count > MostShown)
            terminal.Line($"and {Wording.Number(blocked.Count - MostShown)} more");

        // Mostly there is one cause, and no row needs to repeat it.
        foreach (var reason in blocked.Where(subject => subject.Description is not null)
            .Select(subject => $"{subject.Reason}: {subject.Description}").Distinct(StringComparer.Ordinal).Take(MostReasons))
        {
            terminal.Line(reason);
        }

        terminal.Line();
    }

    private static BlockedSubject Of(string partition, string? consumer, PlacedOrder order, List<DeadLetterDetails> entries)
    {
        var head = entries.Where(entry => entry.Reason != BlockedByPredecessor).OrderBy(entry => entry.Sequence).FirstOrDefault() ?? entries[0];
        var description = head.Description.ReplaceLineEndings("\n").Split('\n')[0];
        return new BlockedSubject(
            order,
            partition,
            consumer,
            head.Reason,
            description.Length > 0 ? description : null,
            head.DeliveryCount + head.Attempt,
            entries.Count - 1);
    }
}

using Pipeline.Cli.Http;
using Spectre.Console;

namespace Pipeline.Cli;

/// <summary>Draws a flow: one row per message and consumer, in the order of commits, indented by cause.</summary>
internal static class FlowTimeline
{
    // A cycle of causes cannot happen, but what came over the wire must not hang the tool.
    private const int DeepestIndent = 32;

    public static void Write(Terminal terminal, Flow flow)
    {
        var rows = Rows(flow);
        var table = terminal.IsLive ? ForEyes(terminal, rows) : ForPipes(terminal, rows);
        terminal.Console.Write(table);
    }

    /// <summary>Fits into 80 columns: where every row says the same, no row says it.</summary>
    private static Table ForEyes(Terminal terminal, IReadOnlyList<Row> rows)
    {
        var home = rows.GroupBy(row => row.Step.Partition).MaxBy(group => group.Count())?.Key;
        var table = terminal.Table("at", "message", "handled by", "after");
        foreach (var (step, isFirst, at, indent, after) in rows)
        {
            var number = step.Sequence is null ? "" : $" no. {step.Sequence}";
            var kind = step.Kind is "command" or "reply" ? $" ({step.Kind})" : "";
            table.AddCells(
                isFirst ? at : "",
                isFirst ? indent + Wording.ShortType(step.Type) + number + kind : "",
                step.Partition == home ? step.Consumer : $"{step.Consumer} at {step.Partition}",
                step.DeliveryCount > 1 ? $"{after}, {step.DeliveryCount} deliveries" : after);
        }

        return table;
    }

    private static Table ForPipes(Terminal terminal, IReadOnlyList<Row> rows)
    {
        var table = terminal.Table("at", "message", "kind", "subject", "no.", "handled by", "partition", "after", "deliveries");
        foreach (var (step, _, at, indent, after) in rows)
        {
            table.AddCells(
                at,
                indent + Wording.ShortType(step.Type),
                step.Kind,
                step.Subject,
                Wording.Plain(step.Sequence),
                step.Consumer,
                step.Partition,
                after,
                Wording.Plain(step.DeliveryCount));
        }

        return table;
    }

    private static List<Row> Rows(Flow flow)
    {
        var depths = Depths(flow.Steps);
        var start = flow.Steps.Select(step => step.CommittedAt ?? step.HandledAt).Min();
        var shown = new HashSet<string>(StringComparer.Ordinal);
        return
        [
            .. flow.Steps
                .OrderBy(step => step.CommittedAt ?? step.HandledAt)
                .ThenBy(step => depths.GetValueOrDefault(step.EventId))
                .ThenBy(step => step.EventId, StringComparer.Ordinal)
                .ThenBy(step => step.HandledAt)
                .Select(step => new Row(
                    step,
                    shown.Add(step.EventId),
                    Offset(start, step.CommittedAt ?? step.HandledAt),
                    new string(' ', 2 * depths.GetValueOrDefault(step.EventId)),
                    Offset(step.CommittedAt, step.HandledAt))),
        ];
    }

    private static Dictionary<string, int> Depths(IReadOnlyList<FlowStep> steps)
    {
        var causes = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (var step in steps)
            causes.TryAdd(step.EventId, step.CausationId);

        var depths = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var id in causes.Keys)
        {
            var depth = 0;
            for (var at = causes[id]; at is not null && depth < DeepestIndent && causes.TryGetValue(at, out var next); at = next)
                depth++;

            depths[id] = depth;
        }

        return depths;
    }

    private static string Offset(DateTimeOffset? from, DateTimeOffset? to) =>
        from is null || to is null ? "" : $"+{Wording.Duration(to.Value - from.Value)}";

    /// <summary>A step as it is drawn; the second and later consumers of a message stand below its first row.</summary>
    private readonly record struct Row(FlowStep Step, bool IsFirst, string At, string Indent, string After);
}

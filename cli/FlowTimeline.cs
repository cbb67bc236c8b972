using Pipeline.Cli.Http;

namespace Pipeline.Cli;

/// <summary>Draws a flow: one row per message and consumer, in the order of commits, indented by cause.</summary>
internal static class FlowTimeline
{
    // A cycle of causes cannot happen, but what came over the wire must not hang the tool.
    private const int DeepestIndent = 32;

    public static void Write(Terminal terminal, Flow flow)
    {
        var table = terminal.Table("at", "message", "kind", "subject", "no.", "handled by", "after", "deliveries");
        var depths = Depths(flow.Steps);
        var start = flow.Steps.Select(step => step.CommittedAt ?? step.HandledAt).Min();
        var shown = new HashSet<string>(StringComparer.Ordinal);
        foreach (var step in flow.Steps
            .OrderBy(step => step.CommittedAt ?? step.HandledAt)
            .ThenBy(step => depths.GetValueOrDefault(step.EventId))
            .ThenBy(step => step.EventId, StringComparer.Ordinal)
            .ThenBy(step => step.HandledAt))
        {
            // The second and later consumers of a message stand below its first row.
            var isFirst = shown.Add(step.EventId);
            var indent = new string(' ', 2 * depths.GetValueOrDefault(step.EventId));
            table.AddCells(
                isFirst ? Offset(start, step.CommittedAt ?? step.HandledAt) : "",
                isFirst ? indent + Wording.ShortType(step.Type) : "",
                isFirst ? step.Kind : "",
                isFirst ? step.Subject : "",
                isFirst ? Wording.Plain(step.Sequence) : "",
                step.Consumer ?? step.Container,
                step is { HandledAt: { } handled, CommittedAt: { } committed } ? Offset(committed, handled) : "",
                step.DeliveryCount is > 1 ? Wording.Plain(step.DeliveryCount) : "");
        }

        terminal.Console.Write(table);
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
}

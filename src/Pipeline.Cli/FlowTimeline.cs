using Pipeline.Client;
using Spectre.Console;

namespace Pipeline.Cli;

/// <summary>
/// Draws a flow: one row per message and consumer, each message indented below the one that caused it, in the order of
/// commits. The steps that are not done follow with the reason.
/// </summary>
internal static class FlowTimeline
{
    private const string Handled = "handled";
    private const string Unheard = "published";
    private const string Discarded = "discarded";

    // Causes have no cycle, but an answer with one must not hang the tool.
    private const int DeepestIndent = 32;

    /// <param name="terminal">The output.</param>
    /// <param name="flow">The flow.</param>
    /// <param name="now">The current time.</param>
    public static void Write(Terminal terminal, FlowDetails flow, DateTimeOffset now)
    {
        var rows = Rows(flow);
        var table = terminal.IsLive ? ForEyes(terminal, rows) : ForPipes(terminal, rows);
        terminal.Console.Write(table);
        WriteOpen(terminal, rows, now);
    }

    /// <summary>Fits into 120 columns: values that are the same in every row are omitted. In a narrower terminal, consumers are below their message.</summary>
    private static TextTable ForEyes(Terminal terminal, IReadOnlyList<Row> rows)
    {
        var home = rows.GroupBy(row => row.Step.Partition, StringComparer.Ordinal).MaxBy(group => group.Count())?.Key;
        var table = terminal.Table("at", "message", Column.WrappingBelow("handled by"), Column.Below("published"), Column.Below("handled"), Column.Below("deliveries"));
        foreach (var row in rows)
        {
            var step = row.Step;
            var number = step.Sequence is null ? "" : string.Create(CultureInfo.InvariantCulture, $" no. {step.Sequence}");
            var kind = step.Kind is "command" or "reply" ? $" ({step.Kind})" : "";
            var style = StyleOf(row.State);
            table.AddCells(
                row.IsFirst ? row.At : "",
                new Cell(row.IsFirst ? row.Indent + Wording.ShortType(step.Type) + number + kind : "", style),
                new Cell(HandlerOf(step, home), style),
                row.Published,
                row.State == Handled ? row.After : row.State == Unheard ? "" : new Cell(Wording.State(row.State), style),
                Deliveries(step));
        }

        return table;
    }

    private static string HandlerOf(FlowStep step, string? home) =>
        step.State == Unheard ? "no consumer" : step.Partition == home ? step.Consumer ?? "" : $"{step.Consumer} at {step.Partition}";

    private static TextTable ForPipes(Terminal terminal, IReadOnlyList<Row> rows)
    {
        var table = terminal.Table(
            "at", "message", "kind", "subject", "no.", "published", "handled by", "partition", "after", "deliveries", "state");
        foreach (var row in rows)
        {
            var step = row.Step;
            table.AddCells(
                row.At,
                row.Indent + Wording.ShortType(step.Type),
                step.Kind,
                step.Subject,
                Wording.Plain(step.Sequence),
                row.Published,
                step.State == Unheard ? "no consumer" : step.Consumer,
                step.Partition,
                row.After,
                Deliveries(step),
                Wording.State(row.State));
        }

        return table;
    }

    private static void WriteOpen(Terminal terminal, IReadOnlyList<Row> rows, DateTimeOffset now)
    {
        var open = rows.Where(row => row.State is not (Handled or Unheard or Discarded)).ToList();
        if (open.Count == 0)
            return;

        terminal.Line();
        terminal.Line($"Not done yet ({Wording.Number(open.Count)} of {Wording.Count(rows.Count, "step", "steps")}):");
        foreach (var (step, state) in open.Select(row => (row.Step, row.State)))
        {
            var number = step.Sequence is null ? "" : string.Create(CultureInfo.InvariantCulture, $" no. {step.Sequence}");
            var consumer = step.Consumer is null ? "" : $" at {step.Consumer}";
            var reason = string.IsNullOrEmpty(step.Reason) ? "" : ": " + step.Reason;
            var what = $" {Wording.ShortType(step.Type)}{number} of {step.Subject ?? step.Partition}{consumer}{SinceOf(step, now)}{RetryOf(step, now)}{reason}";
            terminal.Styled(new Cell("  " + Wording.State(state), StyleOf(state)), new Cell(what, null));
        }
    }

    private static string SinceOf(FlowStep step, DateTimeOffset now) =>
        step.WaitingSince is { } since ? $" since {Wording.Time(since)} ({Wording.Duration(now > since ? now - since : TimeSpan.Zero)})" : "";

    private static string RetryOf(FlowStep step, DateTimeOffset now)
    {
        if (step.RetryAt is not { } due)
            return "";
        var failed = step.Retries == 0 ? "" : $", after {Wording.Count(step.Retries, "retry", "retries")} that failed";
        return (due > now ? $", retried automatically in {Wording.Duration(due - now)}" : ", retried automatically now") + failed;
    }

    private static string Deliveries(FlowStep step)
    {
        var duplicates = step.Duplicates > 0 ? $" + {Wording.Count(step.Duplicates, "duplicate", "duplicates")}" : "";
        var replayed = (string.IsNullOrEmpty(step.Replay) ? "" : ", replayed") + (string.IsNullOrEmpty(step.EditedBy) ? "" : $", edited by {step.EditedBy}");
        // Event Grid does not report the delivery count to a function.
        return (step.DeliveryCount == 0 ? "-" : Wording.Plain(step.DeliveryCount)) + duplicates + replayed;
    }

    private static Style StyleOf(string state) => state switch
    {
        Handled => Style.Plain,
        "quarantined" or "dead-lettered" or "missing" or "damaged" => new Style(Color.Red),
        Unheard or Discarded => new Style(Color.Grey),
        _ => new Style(Color.Yellow),
    };

    private static List<Row> Rows(FlowDetails flow)
    {
        var start = flow.Steps.Select(Time).Min();
        var messages = flow.Steps.GroupBy(step => step.EventId, StringComparer.Ordinal)
            .Select(steps => new Message(steps.Key, steps.First().CausationId, steps.Min(Time), [.. steps.OrderBy(step => step.HandledAt ?? DateTimeOffset.MaxValue)]))
            .OrderBy(message => message.At)
            .ThenBy(message => message.Id, StringComparer.Ordinal)
            .ToList();
        var known = messages.Select(message => message.Id).ToHashSet(StringComparer.Ordinal);
        var caused = messages.Where(message => message.Cause is not null).ToLookup(message => message.Cause!, StringComparer.Ordinal);
        var rows = new List<Row>(flow.Steps.Count);
        var drawn = new HashSet<string>(StringComparer.Ordinal);

        // Messages without a known cause are roots; the rest is a cycle and is drawn flat.
        foreach (var root in messages.Where(message => message.Cause is null || !known.Contains(message.Cause)).Concat(messages))
            Draw(root);
        return rows;

        void Draw(Message root)
        {
            var next = new Stack<(Message Message, int Depth)>([(root, 0)]);
            while (next.TryPop(out var at))
            {
                if (!drawn.Add(at.Message.Id))
                    continue;

                rows.AddRange(at.Message.Steps.Select((step, i) => RowOf(step, i == 0, start, at.Depth)));
                foreach (var effect in caused[at.Message.Id].Reverse())
                    next.Push((effect, Math.Min(at.Depth + 1, DeepestIndent)));
            }
        }
    }

    private static DateTimeOffset? Time(FlowStep step) => step.CommittedAt ?? step.HandledAt;

    private static Row RowOf(FlowStep step, bool isFirst, DateTimeOffset? start, int depth) => new(
        step,
        isFirst,
        Offset(start, Time(step)),
        new string(' ', 2 * depth),
        Offset(step.CommittedAt, step.PublishedAt),
        Offset(step.CommittedAt, step.HandledAt),
        step.State);

    private static string Offset(DateTimeOffset? from, DateTimeOffset? to) =>
        from is null || to is null ? "" : $"+{Wording.Duration(to.Value - from.Value)}";

    /// <summary>A message with all its consumers.</summary>
    private sealed record Message(string Id, string? Cause, DateTimeOffset? At, IReadOnlyList<FlowStep> Steps);

    /// <summary>A step as drawn; the second and later consumers of a message are below its first row.</summary>
    private readonly record struct Row(FlowStep Step, bool IsFirst, string At, string Indent, string Published, string After, string State);
}

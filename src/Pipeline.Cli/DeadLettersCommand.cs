using System.CommandLine;
using System.Text.Json;
using Pipeline.Client;
using Spectre.Console;

namespace Pipeline.Cli;

/// <summary><c>pipeline dead-letters list</c>, <c>groups</c>, <c>show</c>, <c>dry-run</c>, <c>edit</c> and <c>discard</c>: messages that consumers could not handle.</summary>
internal static class DeadLettersCommand
{
    private const int LargestPage = 500;

    public static Command Create(CommandContext context) =>
        new("dead-letters", "Show, edit or discard the messages that a consumer could not handle.")
        {
            List(context), Groups(context), ShowCommand.Create(context), DryRunCommand.Create(context), EditCommand.Create(context), DiscardCommand.Create(context),
        };

    private static Command List(CommandContext context)
    {
        var filter = new DeadLetterFilterOptions();
        var limit = CommonOptions.Number("--limit", "Show at most this many.", from: 1, to: 100_000, otherwise: 100);
        var json = CommonOptions.Json();
        var command = new Command("list", "List dead letters.") { limit, json };
        filter.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = context.Connect(parsed);
            filter.TellTimes(parsed, context.Terminal);
            var most = parsed.GetValue(limit);
            var path = filter.Query("api/dead-letters", parsed).Add("limit", Math.Min(most, LargestPage)).ToString();
            var (items, hasMore) = await Listing.FirstAsync(client, path, most, cancellationToken);
            if (parsed.GetValue(json))
                context.Terminal.Json(JsonSerializer.SerializeToElement(new(items, null), PipelineJson.Default.PageJsonElement));
            else
                Write(context, items, hasMore);

            return ExitCode.Ok;
        });
        return command;
    }

    /// <summary>Groups by cause, the largest first.</summary>
    private static Command Groups(CommandContext context)
    {
        var filter = new DeadLetterFilterOptions();
        var json = CommonOptions.Json();
        var command = new Command("groups", "Count dead letters by cause.") { json };
        filter.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = context.Connect(parsed);
            filter.TellTimes(parsed, context.Terminal);
            var document = await client.GetJsonAsync(filter.Query("api/dead-letters/groups", parsed).ToString(), cancellationToken);
            if (parsed.GetValue(json))
                context.Terminal.Json(document);
            else
                Write(context.Terminal, document.As(PipelineJson.Default.DeadLetterGroupList));

            return ExitCode.Ok;
        });
        return command;
    }

    private static void Write(Terminal terminal, DeadLetterGroupList groups)
    {
        if (groups.Items.Count == 0)
        {
            terminal.Line("No dead letters.");
            return;
        }

        var table = terminal.Table("fingerprint", "count", Column.WrappingBelow("consumers"), "first seen", "last seen", Column.WrappingBelow("cause of the first one"));
        foreach (var group in groups.Items)
        {
            table.AddCells(
                group.Fingerprint,
                Wording.Number(group.Count),
                string.Join(", ", group.Consumers),
                Wording.Time(group.FirstSeen),
                Wording.Time(group.LastSeen),
                group.Summary ?? "(from before causes were distinguished)");
        }

        terminal.Console.Write(table);
        if (groups.Ungrouped > 0)
            terminal.Line($"{Wording.Number(groups.Ungrouped)} more have other causes: filter with --consumer, --type or --from.");
        terminal.Line($"Dead letters of a group: {Wording.Tool} dead-letters list --fingerprint FINGERPRINT");
    }

    private static void Write(CommandContext context, List<JsonElement> items, bool hasMore)
    {
        var terminal = context.Terminal;
        if (items.Count == 0)
        {
            terminal.Line("No dead letters.");
            return;
        }

        var entries = items.Select(item => item.As(PipelineJson.Default.DeadLetterDetails)).ToList();
        if (terminal.IsLive)
            WriteForEyes(terminal, entries, context.Clock.GetUtcNow());
        else
            WriteForPipes(terminal, entries);

        if (hasMore)
            terminal.Line($"There are more than these {items.Count}: raise --limit, or filter with --consumer and --subject.");
    }

    /// <summary>Ids are long and there to be copied: each has a line of its own.</summary>
    private static void WriteForEyes(Terminal terminal, List<DeadLetterDetails> entries, DateTimeOffset now)
    {
        foreach (var entry in entries)
        {
            var number = entry.Sequence is null ? "" : string.Create(CultureInfo.InvariantCulture, $" no. {entry.Sequence}");
            var age = $", {Wording.Duration(now - entry.CreatedAt)} ago";
            var attempts = entry.Attempt > 0 ? $", {Wording.Count(entry.Attempt, "replay", "replays")} failed" : "";
            if (entry.Edited > 0)
                attempts += $", edited {Wording.Count(entry.Edited, "time", "times")}";
            if (DeadLetterText.EndingOf(entry) is { } ending)
                attempts += $"; {ending.ReplaceLineEndings(" ")}";
            if (entry.RetryAt is { } due)
                attempts += $", waiting for retry: {(due > now ? $"due in {Wording.Duration(due - now)}" : "due now")}";
            terminal.Line(entry.Id);
            terminal.Styled(
                new Cell($"  {entry.Reason}", new Style(Color.Red)),
                new Cell($" at {entry.Consumer}, ", null),
                new Cell($"{Wording.ShortType(entry.Type)}{number} of {entry.Subject ?? entry.Partition}{age}{attempts}", new Style(Color.Grey)));
        }

        terminal.Line($"Details of one: {Wording.Tool} dead-letters show ID");
    }

    private static void WriteForPipes(Terminal terminal, List<DeadLetterDetails> entries)
    {
        var table = terminal.Table("id", "consumer", "subject", "no.", "message", "reason", "in order", "failed replays", "edits", "since", "retried at", "result");
        foreach (var entry in entries)
        {
            table.AddCells(
                entry.Id,
                entry.Consumer,
                entry.Subject,
                Wording.Plain(entry.Sequence),
                Wording.ShortType(entry.Type),
                entry.Reason,
                entry.InOrder ? "yes" : "no",
                Wording.Plain(entry.Attempt),
                Wording.Plain(entry.Edited),
                Wording.Time(entry.CreatedAt),
                Wording.Time(entry.RetryAt),
                DeadLetterText.EndingOf(entry));
        }

        terminal.Console.Write(table);
    }
}

using System.CommandLine;
using System.Text.Json;
using Pipeline.Client;

namespace Pipeline.Cli;

/// <summary><c>pipeline blocked</c>: the subjects that wait behind a dead letter.</summary>
internal static class BlockedCommand
{
    private const int LargestPage = 500;

    public static Command Create(CommandContext context)
    {
        var consumer = CommonOptions.Consumer("Only at this consumer, such as ordering/inventory; the oldest first.");
        var limit = CommonOptions.Number("--limit", "Show at most this many.", from: 1, to: 100_000, otherwise: 100);
        var json = CommonOptions.Json();
        var command = new Command("blocked", "List the blocked subjects with the reason.") { consumer, limit, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = context.Connect(parsed);
            var most = parsed.GetValue(limit);
            var path = new QueryText("api/blocked").Add("consumer", parsed.GetValue(consumer)).Add("limit", Math.Min(most, LargestPage)).ToString();
            var (items, hasMore) = await Listing.FirstAsync(client, path, most, cancellationToken);
            var standing = parsed.GetValue(json) ? [] : (await client.GetAsync(path, PipelineJson.Default.BlockedPage, cancellationToken)).StandingStill;
            if (parsed.GetValue(json))
                context.Terminal.Json(JsonSerializer.SerializeToElement(new(items, null), PipelineJson.Default.PageJsonElement));
            else
                Write(context, items, hasMore, standing);

            return ExitCode.Ok;
        });
        return command;
    }

    private static void Write(CommandContext context, List<JsonElement> items, bool hasMore, IReadOnlyList<QueueStatus> standing)
    {
        var terminal = context.Terminal;
        if (standing.Count > 0)
        {
            terminal.Line("Not progressing in the broker (neither handled nor blocked):");
            BrokerText.WriteProblems(terminal, standing);
        }

        if (items.Count == 0)
        {
            terminal.Line("No subject is blocked.");
            return;
        }

        var now = context.Clock.GetUtcNow();
        var table = terminal.Table("subject", "consumer", "reason", Column.Below("for"), Column.Below("waiting behind it"), Column.Below("retried"));
        foreach (var subject in items.Select(item => item.As(PipelineJson.Default.BlockedSubjectSummary)))
        {
            var by = subject.Status == "damaged" ? "by you, after a restore" : "by you";
            table.AddCells(
                subject.Partition,
                subject.Consumer,
                subject.Reason,
                Wording.Duration(now - subject.Since),
                subject.Waiting,
                subject.RetryAt is { } due ? due > now ? $"automatically in {Wording.Duration(due - now)}" : "automatically now" : by);
        }

        terminal.Console.Write(table);
        foreach (var damaged in items.Select(item => item.As(PipelineJson.Default.BlockedSubjectSummary)).Where(s => s.Status == "damaged"))
            terminal.Line($"{damaged.Partition} at {damaged.Consumer} is damaged{(damaged.Entry is null ? ", and its messages wait in the broker" : "")}: {damaged.Detail?.ReplaceLineEndings(" ")}");
        if (hasMore)
            terminal.Line($"There are more than these {items.Count}: raise --limit, or filter with --consumer.");
        terminal.Line($"To retry one at once: {Wording.Tool} replay SUBJECT --wait");
    }
}

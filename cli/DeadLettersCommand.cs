using System.CommandLine;
using System.Text.Json;
using Pipeline.Cli.Http;

namespace Pipeline.Cli;

/// <summary><c>pipeline dead-letters list</c> and <c>show</c>: what consumers could not handle.</summary>
internal static class DeadLettersCommand
{
    private static readonly string[] Statuses = ["open", "closed"];

    public static Command Create(CommandContext context) =>
        new("dead-letters", "Look at the messages that a consumer could not handle.") { List(context), Show(context) };

    private static Command List(CommandContext context)
    {
        var consumer = CommonOptions.Consumer("Only of this consumer, such as ordering/inventory.");
        var subject = new Option<string?>("--subject") { Description = "Only of this subject.", HelpName = "SUBJECT" };
        var closed = new Option<bool>("--closed") { Description = "List the closed ones, not the open ones." };
        var limit = CommonOptions.Number("--limit", "Show at most this many.", from: 1, to: 100_000, otherwise: 100);
        var json = CommonOptions.Json();
        var command = new Command("list", "List them.") { consumer, subject, closed, limit, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = context.Connect(parsed);
            var most = parsed.GetValue(limit);
            var path = Query(parsed.GetValue(consumer), parsed.GetValue(subject), parsed.GetValue(closed) ? "closed" : "open", most);
            var items = new List<JsonElement>();
            var hasMore = false;
            await foreach (var item in client.ItemsAsync(path, WireJson.Default.PageJsonElement, retry: null, cancellationToken))
            {
                hasMore = items.Count == most;
                if (hasMore)
                    break;

                items.Add(item);
            }

            if (parsed.GetValue(json))
                context.Terminal.Json(JsonSerializer.SerializeToElement(new(items, null), WireJson.Default.PageJsonElement));
            else
                Write(context.Terminal, items, hasMore);

            return ExitCode.Ok;
        });
        return command;
    }

    private static Command Show(CommandContext context)
    {
        var id = new Argument<string>("ID") { Description = "The id of the entry, as the list shows it." };
        var json = CommonOptions.Json();
        var command = new Command("show", "Show one with all that is known about it.") { id, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = context.Connect(parsed);
            var entry = await FindAsync(client, parsed.GetRequiredValue(id), cancellationToken);
            var document = await client.GetJsonAsync(
                PipelineClient.Path("dead-letters", entry.Container, entry.Partition, entry.Id), cancellationToken);
            if (parsed.GetValue(json))
            {
                context.Terminal.Json(document);
                return ExitCode.Ok;
            }

            WriteAll(context.Terminal, document);
            if (entry.Status is not "closed")
                context.Terminal.Line($"When its cause is gone: {Wording.Tool} replay {entry.Id} --wait");

            return ExitCode.Ok;
        });
        return command;
    }

    /// <summary>An entry's address is container, partition and id; people only copy the id.</summary>
    private static async Task<DeadLetter> FindAsync(PipelineClient client, string id, CancellationToken cancellationToken)
    {
        foreach (var status in Statuses)
        {
            var path = Query(consumer: null, subject: null, status, limit: 1000);
            await foreach (var entry in client.ItemsAsync(path, WireJson.Default.PageDeadLetter, retry: null, cancellationToken))
            {
                if (entry.Id == id)
                    return entry;
            }
        }

        throw new CliFailure($"There is no dead letter '{id}', neither open nor closed. '{Wording.Tool} dead-letters list' shows the open ones.");
    }

    private static string Query(string? consumer, string? subject, string status, int limit)
    {
        var query = $"api/dead-letters?status={status}&limit={Math.Min(limit, 1000)}";
        if (consumer is not null)
            query += $"&consumer={Uri.EscapeDataString(consumer)}";
        if (subject is not null)
            query += $"&subject={Uri.EscapeDataString(subject)}";

        return query;
    }

    private static void Write(Terminal terminal, List<JsonElement> items, bool hasMore)
    {
        if (items.Count == 0)
        {
            terminal.Line("No dead letters.");
            return;
        }

        var table = terminal.Table("id", "consumer", "subject", "no.", "message", "reason", "blocks", "attempt", "since");
        foreach (var item in items)
        {
            var entry = item.As(WireJson.Default.DeadLetter);
            table.AddCells(
                entry.Id,
                entry.Consumer,
                entry.Subject,
                Wording.Plain(entry.Sequence),
                Wording.ShortType(entry.Type),
                entry.Reason,
                entry.BlockedHead ? "yes" : "",
                Wording.Plain(entry.Attempt),
                Wording.Time(entry.CreatedAt));
        }

        terminal.Console.Write(table);
        if (hasMore)
            terminal.Line($"There are more than these {items.Count}: raise --limit, or narrow with --consumer and --subject.");
    }

    private static void WriteAll(Terminal terminal, JsonElement document)
    {
        if (document.ValueKind != JsonValueKind.Object)
        {
            terminal.Json(document);
            return;
        }

        terminal.Pairs(document.EnumerateObject()
            .Where(property => property.Value.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array))
            .Select(property => (property.Name, property.Value.ValueKind == JsonValueKind.Null ? "" : property.Value.ToString())));
        foreach (var property in document.EnumerateObject())
        {
            if (property.Value.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array))
                continue;

            terminal.Line($"{property.Name}:");
            terminal.Json(property.Value);
        }
    }
}

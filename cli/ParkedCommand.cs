using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Pipeline.Cli.Http;

namespace Pipeline.Cli;

/// <summary><c>pipeline parked list</c> and <c>resume</c>: what the relay cannot publish.</summary>
internal static class ParkedCommand
{
    public static Command Create(CommandContext context) =>
        new("parked", "Look at the records that the relay cannot publish, and resume them.") { List(context), Resume(context) };

    private static Command List(CommandContext context)
    {
        var json = CommonOptions.Json();
        var command = new Command("list", "List them.") { json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = context.Connect(parsed);
            var items = new List<JsonElement>();
            await foreach (var item in client.ItemsAsync("api/parked", WireJson.Default.PageJsonElement, retry: null, cancellationToken))
                items.Add(item);

            if (parsed.GetValue(json))
                context.Terminal.Json(JsonSerializer.SerializeToElement(new(items, null), WireJson.Default.PageJsonElement));
            else
                Write(context.Terminal, items);

            return ExitCode.Ok;
        });
        return command;
    }

    private static Command Resume(CommandContext context)
    {
        var container = new Argument<string>("CONTAINER") { Description = "The container of the record." };
        var partition = new Argument<string>("PARTITION") { Description = "Its partition." };
        var number = new Argument<long>("NUMBER") { Description = "Its number, as the list shows it." };
        var command = new Command("resume", "Have the relay try a record again, and with it what waits behind it.")
        {
            container, partition, number,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = context.Connect(parsed);
            var path = PipelineClient.Path(
                "parked",
                parsed.GetRequiredValue(container),
                parsed.GetRequiredValue(partition),
                parsed.GetRequiredValue(number).ToString(CultureInfo.InvariantCulture),
                "resume");
            await client.PostAsync(path, cancellationToken);
            context.Terminal.Line($"Resumed: the relay tries it again now. If it cannot be published, it is parked anew: {Wording.Tool} parked list");
            return ExitCode.Ok;
        });
        return command;
    }

    private static void Write(Terminal terminal, List<JsonElement> items)
    {
        if (items.Count == 0)
        {
            terminal.Line("Nothing is parked.");
            return;
        }

        var table = terminal.Table("container", "partition", "no.", "messages", "reason", "since");
        foreach (var item in items)
        {
            var parked = item.As(WireJson.Default.ParkedRecord);
            table.AddCells(
                parked.Container,
                parked.Partition,
                parked.Number,
                string.Join(", ", (parked.Types ?? []).Select(Wording.ShortType)),
                parked.Reason,
                Wording.Time(parked.Since));
        }

        terminal.Console.Write(table);
        terminal.Line($"When the cause is gone: {Wording.Tool} parked resume CONTAINER PARTITION NUMBER");
    }
}

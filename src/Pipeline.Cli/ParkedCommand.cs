using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Pipeline.Cli.Http;

namespace Pipeline.Cli;

/// <summary><c>pipeline parked list</c>, <c>resume</c> and <c>discard</c>: what the relay cannot publish.</summary>
internal static class ParkedCommand
{
    public static Command Create(CommandContext context) =>
        new("parked", "Look at the records that the relay cannot publish, resume them or give them up.")
        {
            List(context), Resume(context), Discard(context),
        };

    private static Command List(CommandContext context)
    {
        var json = CommonOptions.Json();
        var reason = new Option<string?>("--reason") { Description = "Only with this in the reason.", HelpName = "TEXT" };
        var type = new Option<string?>("--type") { Description = "Only with a message of this type.", HelpName = "TYPE" };
        var discarded = new Option<bool>("--discarded") { Description = "Those that were discarded." };
        var command = new Command("list", "List them.") { reason, type, discarded, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = context.Connect(parsed);
            var items = new List<JsonElement>();
            var path = new QueryText("api/parked")
                .Add("status", parsed.GetValue(discarded) ? "discarded" : null)
                .Add("reason", parsed.GetValue(reason))
                .Add("type", parsed.GetValue(type))
                .ToString();
            await foreach (var item in client.ItemsAsync(path, WireJson.Default.PageJsonElement, retry: null, cancellationToken))
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
        var address = new RecordArguments(ArgumentArity.ZeroOrOne);
        var reason = new Option<string?>("--reason") { Description = "All with this in the reason.", HelpName = "TEXT" };
        var type = new Option<string?>("--type") { Description = "All with a message of this type.", HelpName = "TYPE" };
        var json = CommonOptions.Json();
        var command = new Command("resume", "Have the relay try a record again, or a group of them, and with it what waits behind it.") { reason, type, json };
        address.AddTo(command);
        command.Validators.Add(result =>
        {
            var isGroup = result.GetValue(reason) is not null || result.GetValue(type) is not null;
            if (isGroup ? address.IsGiven(result) : !address.IsWhole(result))
                result.AddError("Say either CONTAINER PARTITION NUMBER, or a group by --reason or --type.");
        });
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = context.Connect(parsed);
            long count = 1;
            if (parsed.GetValue(reason) is null && parsed.GetValue(type) is null)
                await client.PostAsync(address.Path(parsed, "resume"), cancellationToken);
            else
                count = await ResumeGroupAsync(client, new ResumeGroupRequest(parsed.GetValue(reason), parsed.GetValue(type), null), cancellationToken);

            if (parsed.GetValue(json))
                context.Terminal.Json(JsonSerializer.SerializeToElement(new JsonObject { ["resumed"] = count }, WireJson.Default.JsonObject));
            else
                context.Terminal.Line(count == 0
                    ? "Nothing of that kind is parked."
                    : $"Resumed {Wording.Count(count, "record", "records")}: the relay tries again now. What cannot be published is parked anew: {Wording.Tool} parked list");
            return ExitCode.Ok;
        });
        return command;
    }

    private static async Task<long> ResumeGroupAsync(PipelineClient client, ResumeGroupRequest request, CancellationToken cancellationToken)
    {
        long count = 0;
        ResumedGroup step;
        do
        {
            step = await client.SendAsync(
                HttpMethod.Post, "api/parked/resume", request, WireJson.Default.ResumeGroupRequest, WireJson.Default.ResumedGroup, idempotencyKey: null, cancellationToken);
            count += step.Resumed;
            request = request with { Before = step.Before };
        }
        while (step is { More: true, Resumed: > 0 });
        return count;
    }

    private static Command Discard(CommandContext context)
    {
        var address = new RecordArguments(ArgumentArity.ExactlyOne);
        var confirmation = new Confirmation();
        var json = CommonOptions.Json();
        var command = new Command("discard", "Give a record up for good: its messages are never sent, what waits behind it goes on. Kept with who, when and why.") { json };
        address.AddTo(command);
        confirmation.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = context.Connect(parsed);
            if (!confirmation.Ask(parsed, context.Terminal, $"Discard the messages of {address.Text(parsed)}, so that they are never sent?"))
                return ExitCode.Failed;
            var request = new DiscardRequest(parsed.GetRequiredValue(confirmation.Reason), confirmation.Who(parsed));
            await client.PostAsync(address.Path(parsed, "discard"), request, WireJson.Default.DiscardRequest, cancellationToken);
            if (parsed.GetValue(json))
                context.Terminal.Json(JsonSerializer.SerializeToElement(new JsonObject { ["discarded"] = 1 }, WireJson.Default.JsonObject));
            else
                context.Terminal.Line($"Discarded; what waits behind it goes on. It is kept: {Wording.Tool} parked list --discarded");
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

        var table = terminal.Table(
            "container", "partition", "no.", Column.Wrapping("messages"), "waiting", Column.WrappingBelow("reason"), Column.Below("since"), Column.WrappingBelow("discarded"));
        foreach (var item in items)
        {
            var parked = item.As(WireJson.Default.ParkedRecord);
            table.AddCells(
                parked.Container,
                parked.Partition,
                parked.Number,
                string.Join(", ", (parked.Types ?? []).Select(Wording.ShortType)),
                Wording.Plain(parked.Followers),
                parked.Reason,
                Wording.Time(parked.Since),
                parked.Discarded is { } by ? $"by {by.By}: {by.Reason}" : "");
        }

        terminal.Console.Write(table);
        terminal.Line($"When the cause is gone: {Wording.Tool} parked resume CONTAINER PARTITION NUMBER");
    }
}

using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Pipeline.Client;

namespace Pipeline.Cli;

/// <summary><c>pipeline quarantine list</c>, <c>release</c> and <c>discard</c>: outbox messages that the relay cannot publish.</summary>
internal static class QuarantineCommand
{
    public static Command Create(CommandContext context) =>
        new("quarantine", "List, release or discard the outbox messages that the relay cannot publish.")
        {
            List(context), Release(context), Discard(context),
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
            var path = new QueryText("api/outbox/quarantined")
                .Add("status", parsed.GetValue(discarded) ? "discarded" : null)
                .Add("reason", parsed.GetValue(reason))
                .Add("type", parsed.GetValue(type))
                .ToString();
            await foreach (var item in client.ItemsAsync(path, PipelineJson.Default.PageJsonElement, retry: null, cancellationToken))
                items.Add(item);

            if (parsed.GetValue(json))
                context.Terminal.Json(JsonSerializer.SerializeToElement(new(items, null), PipelineJson.Default.PageJsonElement));
            else
                Write(context.Terminal, items);

            return ExitCode.Ok;
        });
        return command;
    }

    private static Command Release(CommandContext context)
    {
        var address = new RecordArguments(ArgumentArity.ZeroOrOne);
        var reason = new Option<string?>("--reason") { Description = "All with this in the reason.", HelpName = "TEXT" };
        var type = new Option<string?>("--type") { Description = "All with a message of this type.", HelpName = "TYPE" };
        var json = CommonOptions.Json();
        var command = new Command("release", "Have the relay publish a message again, or a group of messages, and what waits behind them.") { reason, type, json };
        address.AddTo(command);
        command.Validators.Add(result =>
        {
            var isGroup = result.GetValue(reason) is not null || result.GetValue(type) is not null;
            if (isGroup ? address.IsGiven(result) : !address.IsWhole(result))
                result.AddError("Give either CONTAINER PARTITION NUMBER, or a group by --reason or --type.");
        });
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = context.Connect(parsed);
            long count = 1;
            if (parsed.GetValue(reason) is null && parsed.GetValue(type) is null)
                await client.Outbox.ReleaseAsync(address.Container(parsed), address.Partition(parsed), address.Number(parsed), cancellationToken);
            else
                count = await ReleaseGroupAsync(client, new ReleaseGroupRequest(parsed.GetValue(reason), parsed.GetValue(type), Before: null, Limit: null), cancellationToken);

            if (parsed.GetValue(json))
                context.Terminal.Json(JsonSerializer.SerializeToElement(new JsonObject { ["released"] = count }));
            else
                context.Terminal.Line(count == 0
                    ? "No quarantined outbox message matches."
                    : $"Released {Wording.Count(count, "message", "messages")}: the relay publishes them now. A message that fails again is quarantined again: {Wording.Tool} quarantine list");
            return ExitCode.Ok;
        });
        return command;
    }

    private static async Task<long> ReleaseGroupAsync(PipelineClient client, ReleaseGroupRequest request, CancellationToken cancellationToken)
    {
        long count = 0;
        ReleasedGroup step;
        do
        {
            step = await client.Outbox.ReleaseGroupAsync(request, cancellationToken);
            count += step.Released;
            request = request with { Before = step.Before };
        }
        while (step is { More: true, Released: > 0 });
        return count;
    }

    private static Command Discard(CommandContext context)
    {
        var address = new RecordArguments(ArgumentArity.ExactlyOne);
        var confirmation = new Confirmation();
        var json = CommonOptions.Json();
        var command = new Command("discard", "Discard a message: it is never sent, and what waits behind it continues. The actor, time and reason are kept.") { json };
        address.AddTo(command);
        confirmation.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = context.Connect(parsed);
            if (!confirmation.Ask(parsed, context.Terminal, $"Discard the messages of {address.Text(parsed)}, so that they are never sent?"))
                return ExitCode.Failed;
            await client.Outbox.DiscardAsync(
                address.Container(parsed), address.Partition(parsed), address.Number(parsed), parsed.GetRequiredValue(confirmation.Reason), confirmation.Who(parsed), cancellationToken);
            if (parsed.GetValue(json))
                context.Terminal.Json(JsonSerializer.SerializeToElement(new JsonObject { ["discarded"] = 1 }));
            else
                context.Terminal.Line($"Discarded; what waits behind it continues. Discarded messages are kept: {Wording.Tool} quarantine list --discarded");
            return ExitCode.Ok;
        });
        return command;
    }

    private static void Write(Terminal terminal, List<JsonElement> items)
    {
        if (items.Count == 0)
        {
            terminal.Line("No outbox message is quarantined.");
            return;
        }

        var table = terminal.Table(
            "container", "partition", "no.", Column.Wrapping("messages"), "waiting", Column.WrappingBelow("reason"), Column.Below("since"), Column.WrappingBelow("discarded"));
        foreach (var item in items)
        {
            var message = item.As(PipelineJson.Default.QuarantinedMessageSummary);
            table.AddCells(
                message.Container,
                message.Partition,
                message.Number,
                string.Join(", ", message.Types.Select(Wording.ShortType)),
                Wording.Plain(message.Followers),
                message.Reason,
                Wording.Time(message.Since),
                message.Discarded is { } by ? $"by {by.By}: {by.Reason}" : "");
        }

        terminal.Console.Write(table);
        terminal.Line($"When the cause is fixed: {Wording.Tool} quarantine release CONTAINER PARTITION NUMBER");
    }
}

using System.CommandLine;
using System.Text.Json;
using Pipeline.Client;

namespace Pipeline.Cli;

/// <summary><c>pipeline dead-letters edit</c>: edits one dead letter, one event at all its consumers, or a group with one cause.</summary>
internal sealed class EditCommand
{
    /// <summary>The largest request that the pipeline accepts.</summary>
    private const int MaxFileBytes = 512 * 1024;

    private readonly Argument<string?> id = new(DeadLetterSearch.IdOrSubject) { Description = "The id of the dead letter, as the list shows it; or a subject with one that blocks it.", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<string?> group = new("--group") { Description = "All open dead letters with this fingerprint, as 'groups' shows it.", HelpName = "FINGERPRINT" };
    private readonly Option<string?> ofEvent = new("--event") { Description = "All open dead letters of the event with this id, at all consumers.", HelpName = "EVENT-ID" };
    private readonly Option<string?> source = new("--source") { Description = "With --event: its CloudEvents source, if events of several sources have that id.", HelpName = "SOURCE" };
    private readonly Option<string?> consumer = CommonOptions.Consumer("With --group or a subject: only those of this consumer.");
    private readonly Option<string?> patch = new("--patch") { Description = "File with a JSON Patch (RFC 6902) of the event's data; - reads standard input.", HelpName = "FILE|-" };
    private readonly Option<string?> replacement = new("--replacement")
    {
        Description = "File with the new data of the event, or with a whole event for a body that is not an event; - reads standard input.",
        HelpName = "FILE|-",
    };

    private readonly Option<string> why = new("--why") { Description = "The reason; it is stored.", HelpName = "TEXT", Required = true };
    private readonly Option<int?> from = new("--from") { Description = "The number of edits that you have seen; refused if the dead letter has another number.", HelpName = "N" };
    private readonly Confirmation confirmation = new();
    private readonly Option<bool> json = CommonOptions.Json();
    private readonly CommandContext context;

    private EditCommand(CommandContext context) => this.context = context;

    public static Command Create(CommandContext context)
    {
        var edit = new EditCommand(context);
        var command = new Command("edit", "Change the message that a replay will send. The original is kept, with the actor, time and reason of each edit.")
        {
            edit.id, edit.ofEvent, edit.source, edit.group, edit.consumer, edit.patch, edit.replacement, edit.why, edit.from, edit.confirmation.By, edit.confirmation.Yes, edit.json,
        };
        command.Validators.Add(result =>
        {
            string?[] targets = [result.GetValue(edit.id), result.GetValue(edit.ofEvent), result.GetValue(edit.group)];
            if (targets.Count(t => t is not null) != 1)
                result.AddError("Give either the ID of one dead letter or its subject, --event EVENT-ID or --group FINGERPRINT.");
            else if (result.GetValue(edit.patch) is null == result.GetValue(edit.replacement) is null)
                result.AddError("Give either --patch or --replacement.");
            else if (result.GetValue(edit.group) is not null && (result.GetValue(edit.patch) is null || result.GetValue(edit.from) is not null))
                result.AddError("A group is edited with --patch, and without --from.");
            else if (result.GetValue(edit.ofEvent) is not null && result.GetValue(edit.from) is not null)
                result.AddError("An event is edited without --from: its dead letters may have different numbers of edits.");
            if (result.GetValue(edit.source) is not null && result.GetValue(edit.ofEvent) is null)
                result.AddError("--source goes with --event.");
        });
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var document = await InputFile.ReadJsonAsync(parsed.GetValue(edit.patch) ?? parsed.GetValue(edit.replacement)!, MaxFileBytes, cancellationToken);
            using var client = context.Connect(parsed);
            return parsed.GetValue(edit.id) is { } one
                ? await edit.OneAsync(parsed, client, one, document, cancellationToken)
                : parsed.GetValue(edit.ofEvent) is { } eventId
                ? await edit.EventAsync(parsed, client, eventId, document, cancellationToken)
                : await edit.GroupAsync(parsed, client, parsed.GetValue(edit.group)!, document, cancellationToken);
        });
        return command;
    }

    private async Task<int> OneAsync(ParseResult parsed, PipelineClient client, string target, JsonElement document, CancellationToken cancellationToken)
    {
        var entry = await DeadLetterSearch.FindOneBlockingAsync(client, target, parsed.GetValue(consumer), cancellationToken);
        var isPatch = parsed.GetValue(patch) is not null;
        var answer = await client.PostAsync(
            PipelineClient.Path("dead-letters", entry.Container, entry.Partition, entry.Id, "edit"),
            new EditRequest(isPatch ? document : null, isPatch ? null : document, parsed.GetRequiredValue(why), confirmation.Who(parsed), parsed.GetValue(from)),
            PipelineJson.Default.EditRequest,
            PipelineJson.Default.JsonElement,
            cancellationToken);
        if (parsed.GetValue(json))
        {
            context.Terminal.Json(answer);
            return ExitCode.Ok;
        }

        context.Terminal.Line("Edited. Differences from the original message:");
        if (answer.TryGetProperty("differences", out var differences) && differences.ValueKind == JsonValueKind.Array)
            DryRunText.WriteDifferences(context.Terminal, "  ", differences.As(PipelineJson.Default.IReadOnlyListJsonDifference));
        else
            context.Terminal.Line("  (all: the original was not an event)");
        context.Terminal.Line($"Dry run of a replay: {Wording.Tool} dead-letters dry-run {entry.Id}");
        return ExitCode.Ok;
    }

    /// <summary>One request: the pipeline finds the dead letters and returns the result of each.</summary>
    private async Task<int> EventAsync(ParseResult parsed, PipelineClient client, string eventId, JsonElement document, CancellationToken cancellationToken)
    {
        var isPatch = parsed.GetValue(patch) is not null;
        var done = await client.DeadLetters.EditEventAsync(
            new EditEventRequest(eventId, parsed.GetValue(source), isPatch ? document : null, isPatch ? null : document, parsed.GetRequiredValue(why), confirmation.Who(parsed)),
            cancellationToken);
        if (parsed.GetValue(json))
        {
            context.Terminal.Json(JsonSerializer.SerializeToElement(done, PipelineJson.Default.EventEdit));
        }
        else
        {
            foreach (var item in done.Items)
            {
                context.Terminal.Line(item.Id);
                context.Terminal.Line($"  {item.Consumer} at {item.Partition}: " + item.Outcome switch
                {
                    EventEdit.Edited => "edited",
                    EventEdit.AlreadyEdited => "already had this edit",
                    _ => $"not edited: {item.Reason}",
                });
            }

            context.Terminal.Line($"{Wording.Number(done.EditedCount)} of {Wording.Count(done.Items.Count, "dead letter", "dead letters")} of the event {done.EventId} "
                + $"{(done.EditedCount == 1 ? "has" : "have")} the edit" + (done.EditedCount < done.Items.Count ? "; the others are unchanged." : "."));
        }

        return done.EditedCount == done.Items.Count ? ExitCode.Ok : ExitCode.Failed;
    }

    /// <summary>Edits the group step by step; dead letters from after the count was read are not edited.</summary>
    private async Task<int> GroupAsync(ParseResult parsed, PipelineClient client, string fingerprint, JsonElement document, CancellationToken cancellationToken)
    {
        var groups = await client.DeadLetters.GetGroupsAsync(new DeadLetterQuery { Fingerprint = fingerprint, Consumer = parsed.GetValue(consumer) }, cancellationToken);
        if (groups.Items.FirstOrDefault(g => g.Fingerprint == fingerprint) is not { } found)
            throw new CliFailure($"No open dead letter has the fingerprint '{fingerprint}'. '{Wording.Tool} dead-letters groups' lists the fingerprints.");
        var count = Wording.Count(found.Count, "dead letter", "dead letters");
        if (!confirmation.Ask(parsed, context.Terminal, $"Edit {count} at {string.Join(", ", found.Consumers)}: {found.Summary}?"))
            return ExitCode.Failed;
        var (edited, before, refusedCount) = (0, 0, 0);
        var refused = new List<RefusedEdit>();
        string? continuation = null;
        do
        {
            var step = await client.DeadLetters.EditGroupAsync(
                new EditGroupRequest(
                    fingerprint, parsed.GetValue(consumer), found.Count, groups.AsOf, document, parsed.GetRequiredValue(why), confirmation.Who(parsed), Limit: null, continuation),
                cancellationToken);
            (edited, before, refusedCount, continuation) = (edited + step.Edited, before + step.AlreadyEdited, refusedCount + step.RefusedCount, step.Continuation);
            refused.AddRange(step.Refused);
        }
        while (continuation is not null);
        Write(parsed, new GroupEdit(edited, before, refused, refusedCount, null));
        return refusedCount == 0 ? ExitCode.Ok : ExitCode.Failed;
    }

    private void Write(ParseResult parsed, GroupEdit done)
    {
        if (parsed.GetValue(json))
        {
            context.Terminal.Json(JsonSerializer.SerializeToElement(done, PipelineJson.Default.GroupEdit));
            return;
        }

        foreach (var one in done.Refused)
        {
            context.Terminal.Line(one.Id);
            context.Terminal.Line($"  not edited: {one.Reason}");
        }

        context.Terminal.Line($"Edited {Wording.Count(done.Edited, "dead letter", "dead letters")}"
            + (done.AlreadyEdited > 0 ? $", {Wording.Number(done.AlreadyEdited)} already had this edit" : "")
            + (done.RefusedCount > 0 ? $"; {Wording.Number(done.RefusedCount)} could not be edited and are unchanged" : "") + ".");
    }
}

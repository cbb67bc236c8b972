using System.CommandLine;
using System.Text.Json;
using Pipeline.Client;

namespace Pipeline.Cli;

/// <summary><c>pipeline dead-letters discard</c>: discards one dead letter, or a group with one cause.</summary>
internal static class DiscardCommand
{
    public static Command Create(CommandContext context)
    {
        var id = new Argument<string?>("ID") { Description = "The id of the dead letter, as the list shows it.", Arity = ArgumentArity.ZeroOrOne };
        var group = new Option<string?>("--group") { Description = "All open dead letters with this fingerprint, as 'groups' shows it.", HelpName = "FINGERPRINT" };
        var consumer = CommonOptions.Consumer("With --group: only those of this consumer.");
        var confirmation = new Confirmation();
        var json = CommonOptions.Json();
        var command = new Command("discard", "Discard a message: it is never handled, and its subject continues. The actor, time and reason are stored.")
        {
            id, group, consumer, json,
        };
        confirmation.AddTo(command);
        command.Validators.Add(result =>
        {
            if (result.GetValue(id) is null == result.GetValue(group) is null)
                result.AddError("Give either the ID of one dead letter or --group FINGERPRINT.");
        });
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = context.Connect(parsed);
            return parsed.GetValue(id) is { } one
                ? await OneAsync(context, parsed, client, one, confirmation, parsed.GetValue(json), cancellationToken)
                : await GroupAsync(context, parsed, client, (parsed.GetValue(group)!, parsed.GetValue(consumer)), confirmation, parsed.GetValue(json), cancellationToken);
        });
        return command;
    }

    private static async Task<int> OneAsync(
        CommandContext context, ParseResult parsed, PipelineClient client, string id, Confirmation confirmation, bool json, CancellationToken cancellationToken)
    {
        var entry = await DeadLetterSearch.FindAsync(client, id, cancellationToken);
        var what = $"{Wording.ShortType(entry.Type)} of {entry.Subject ?? entry.Partition}".Trim();
        if (!confirmation.Ask(parsed, context.Terminal, $"Discard {what}, so that {entry.Consumer} never handles it?"))
            return ExitCode.Failed;
        var document = await client.PostAsync(
            PipelineClient.Path("dead-letters", entry.Container, entry.Partition, entry.Id, "discard"),
            new DiscardRequest(parsed.GetRequiredValue(confirmation.Reason), confirmation.Who(parsed)),
            PipelineJson.Default.DiscardRequest,
            PipelineJson.Default.JsonElement,
            cancellationToken);
        if (json)
            context.Terminal.Json(document);
        else
            context.Terminal.Line($"Discarded. What waited behind it can be replayed now: {Wording.Tool} replay {entry.Partition}");
        return ExitCode.Ok;
    }

    /// <summary>Discards step by step until none remains; dead letters from after the count was read are kept.</summary>
    private static async Task<int> GroupAsync(
        CommandContext context,
        ParseResult parsed,
        PipelineClient client,
        (string Fingerprint, string? Consumer) which,
        Confirmation confirmation,
        bool json,
        CancellationToken cancellationToken)
    {
        var groups = await client.DeadLetters.GetGroupsAsync(new DeadLetterQuery { Fingerprint = which.Fingerprint, Consumer = which.Consumer }, cancellationToken);
        if (groups.Items.FirstOrDefault(g => g.Fingerprint == which.Fingerprint) is not { } group)
            throw new CliFailure($"No open dead letter has the fingerprint '{which.Fingerprint}'. '{Wording.Tool} dead-letters groups' lists the fingerprints.");
        var count = Wording.Count(group.Count, "dead letter", "dead letters");
        if (!confirmation.Ask(parsed, context.Terminal, $"Discard {count} at {string.Join(", ", group.Consumers)}, such as: {group.Summary}?"))
            return ExitCode.Failed;
        var request = new DiscardGroupRequest(
            which.Fingerprint, which.Consumer, group.Count, groups.AsOf, Limit: null, parsed.GetRequiredValue(confirmation.Reason), confirmation.Who(parsed));
        var discarded = 0;
        GroupDiscard step;
        do
        {
            step = await client.DeadLetters.DiscardGroupAsync(request, cancellationToken);
            discarded += step.Discarded;
            if (step is { Discarded: 0, Remaining: > 0 })
                throw new CliFailure($"{Wording.Number(step.Remaining)} could not be discarded now; {Wording.Number(discarded)} were. Run it again.");
        }
        while (step.Remaining > 0);
        if (json)
            context.Terminal.Json(JsonSerializer.SerializeToElement(new(discarded, 0), PipelineJson.Default.GroupDiscard));
        else
            context.Terminal.Line($"Discarded {Wording.Count(discarded, "dead letter", "dead letters")}. What waited behind them can be replayed now.");
        return ExitCode.Ok;
    }
}

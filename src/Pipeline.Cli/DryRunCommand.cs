using System.CommandLine;
using Pipeline.Client;

namespace Pipeline.Cli;

/// <summary><c>pipeline dead-letters dry-run</c>: shows the effect of a replay without doing it.</summary>
internal static class DryRunCommand
{
    public static Command Create(CommandContext context)
    {
        var id = new Argument<string>(DeadLetterSearch.IdOrSubject) { Description = "The id of the dead letter that blocks its subject, or that subject." };
        var consumer = CommonOptions.Consumer("With a subject: its blocking dead letter at this consumer.");
        var steps = CommonOptions.Number("--steps", "Run at most this many messages of the subject.", from: 1, to: 500, otherwise: 50);
        var json = CommonOptions.Json();
        var command = new Command("dry-run", "Show what a replay of its subject would do, without doing it. Exit code 1: it would fail again; 3: it would succeed only if gateways answer as assumed.") { id, consumer, steps, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = context.Connect(parsed);
            var entry = await DeadLetterSearch.FindOneBlockingAsync(client, parsed.GetRequiredValue(id), parsed.GetValue(consumer), cancellationToken);
            var document = await client.PostAsync(
                new QueryText(PipelineClient.Path("dead-letters", entry.Container, entry.Partition, entry.Id, "dry-run")).Add("steps", parsed.GetValue(steps)).ToString(),
                PipelineJson.Default.JsonElement,
                cancellationToken);
            var run = document.As(PipelineJson.Default.DryRunDetails);
            if (parsed.GetValue(json))
                context.Terminal.Json(document);
            else
                DryRunText.Write(context.Terminal, run);
            return DryRunSteps.ExitCodeOf(run);
        });
        return command;
    }
}

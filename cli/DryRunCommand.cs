using System.CommandLine;
using Pipeline.Cli.Http;

namespace Pipeline.Cli;

/// <summary><c>pipeline dead-letters dry-run</c>: what a replay would do, without doing it.</summary>
internal static class DryRunCommand
{
    public static Command Create(CommandContext context)
    {
        var id = new Argument<string>("ID") { Description = "The id of the entry that blocks its subject, as the list shows it." };
        var steps = CommonOptions.Number("--steps", "Look at this many entries of the subject at most.", from: 1, to: 500, otherwise: 50);
        var json = CommonOptions.Json();
        var command = new Command("dry-run", "Show what a replay of its subject would do, without doing it; exit code 1 if it would not succeed.") { id, steps, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = context.Connect(parsed);
            var entry = await DeadLettersCommand.FindAsync(client, parsed.GetRequiredValue(id), cancellationToken);
            var document = await client.SendAsync(
                HttpMethod.Post,
                new QueryText(PipelineClient.Path("dead-letters", entry.Container, entry.Partition, entry.Id, "dry-run")).Add("steps", parsed.GetValue(steps)).ToString(),
                [],
                WireJson.Default.JsonObject,
                WireJson.Default.JsonElement,
                idempotencyKey: null,
                cancellationToken);
            var run = document.As(WireJson.Default.DryRun);
            if (parsed.GetValue(json))
                context.Terminal.Json(document);
            else
                DryRunText.Write(context.Terminal, run);
            return run.ExitCode;
        });
        return command;
    }
}

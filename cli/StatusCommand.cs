using System.CommandLine;
using System.Text.Json;
using Pipeline.Cli.Http;

namespace Pipeline.Cli;

/// <summary><c>pipeline status</c>: what waits, is blocked or dead-lettered, per container.</summary>
internal static class StatusCommand
{
    public static Command Create(CommandContext context)
    {
        var json = CommonOptions.Json();
        var command = new Command("status", "Show what is blocked, dead-lettered, parked and unpublished.") { json };
        command.SetAction((parsed, cancellationToken) => RunAsync(context, parsed, parsed.GetValue(json), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(CommandContext context, ParseResult parsed, bool json, CancellationToken cancellationToken)
    {
        using var client = context.Connect(parsed);
        var document = await client.GetJsonAsync("api/status", cancellationToken);
        if (json)
        {
            context.Terminal.Json(document);
            return ExitCode.Ok;
        }

        var status = document.As(WireJson.Default.PipelineStatus);
        var table = context.Terminal.Table("container", "blocked subjects", "open dead letters", "parked", "unpublished");
        foreach (var container in status.Containers ?? [])
            table.AddCells(container.Container, container.BlockedSubjects, container.OpenDeadLetters, container.Parked, container.Unpublished);

        table.AddCells("all", status.BlockedSubjects, status.OpenDeadLetters, status.Parked, status.Unpublished);
        context.Terminal.Console.Write(table);
        if (status.OldestUnpublishedSeconds is { } oldest && status.Unpublished > 0)
            context.Terminal.Line($"The oldest unpublished record waits for {Wording.Duration(TimeSpan.FromSeconds(oldest))}.");
        if (status.OpenDeadLetters > 0)
            context.Terminal.Line($"Dead letters: {Wording.Tool} dead-letters list");
        if (status.Parked > 0)
            context.Terminal.Line($"Parked records: {Wording.Tool} parked list");

        return ExitCode.Ok;
    }
}

using System.CommandLine;
using Pipeline.Cli.Http;

namespace Pipeline.Cli;

/// <summary><c>pipeline status</c>: what waits, is blocked or dead-lettered, per container.</summary>
internal static class StatusCommand
{
    public static Command Create(CommandContext context)
    {
        var json = CommonOptions.Json();
        var command = new Command("status", "Show what is blocked, dead-lettered, parked and unpublished, and what waits in the broker.") { json };
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
        var table = context.Terminal.Table("container", "blocked subjects", "open dead letters", "held", "parked", "unpublished");
        foreach (var container in status.Containers ?? [])
            table.AddCells(container.Container, container.BlockedSubjects, container.OpenDeadLetters, container.Held ?? 0, container.Parked, container.Unpublished);

        table.AddCells("all", status.BlockedSubjects, status.OpenDeadLetters, status.Held ?? 0, status.Parked, status.Unpublished);
        context.Terminal.Console.Write(table);
        WriteConsumers(context, [.. (status.Containers ?? []).SelectMany(container => container.Consumers ?? [])]);
        if (status.Broker is { } broker)
            BrokerText.Write(context.Terminal, broker);
        if (status.OldestUnpublishedSeconds is { } oldest && status.Unpublished > 0)
            context.Terminal.Line($"The oldest unpublished record waits for {Wording.Duration(TimeSpan.FromSeconds(oldest))}.");
        if (status.OpenDeadLetters > 0)
            context.Terminal.Line($"Dead letters that wait for you: {Wording.Tool} dead-letters groups");
        if (status.Held > 0)
            context.Terminal.Line($"Held: {Wording.Count(status.Held.Value, "message is", "messages are")} retried without you, when due: {Wording.Tool} dead-letters list --status held");
        if (status.BlockedSubjects > 0)
            context.Terminal.Line($"Blocked subjects: {Wording.Tool} blocked");
        if (status.Damaged > 0)
            context.Terminal.Line($"Damaged partitions: {Wording.Number(status.Damaged)}, whose records are missing or cannot be read: {Wording.Tool} blocked");
        if (status.Parked > 0)
            context.Terminal.Line($"Parked records: {Wording.Tool} parked list");

        return ExitCode.Ok;
    }

    /// <summary>Only those that something is wrong with.</summary>
    private static void WriteConsumers(CommandContext context, List<ConsumerStatus> consumers)
    {
        if (consumers.Count == 0)
            return;

        var now = context.Clock.GetUtcNow();
        var table = context.Terminal.Table("consumer", "blocked subjects", "the oldest for", "open dead letters", "held");
        foreach (var consumer in consumers)
        {
            table.AddCells(
                consumer.Consumer,
                consumer.BlockedSubjects,
                consumer.OldestBlockedSince is { } since ? Wording.Duration(now - since) : "",
                consumer.OpenDeadLetters,
                consumer.Held);
        }

        context.Terminal.Gap();
        context.Terminal.Console.Write(table);
    }
}

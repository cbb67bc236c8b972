using System.CommandLine;
using Pipeline.Client;

namespace Pipeline.Cli;

/// <summary><c>pipeline status</c>: waiting, blocked and dead-lettered messages per container.</summary>
internal static class StatusCommand
{
    public static Command Create(CommandContext context)
    {
        var json = CommonOptions.Json();
        var command = new Command("status", "Show what is blocked, dead-lettered, quarantined and unpublished, and what waits in the broker.") { json };
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

        var status = document.As(PipelineJson.Default.PipelineStatus);
        var table = context.Terminal.Table("container", "blocked subjects", "open dead letters", "waiting for retry", "quarantined", "unpublished");
        foreach (var container in status.Containers)
            table.AddCells(container.Container, container.BlockedSubjects, container.OpenDeadLetters, container.WaitingForRetry, container.Quarantined, container.Unpublished);

        table.AddCells("all", status.BlockedSubjects, status.OpenDeadLetters, status.WaitingForRetry, status.Quarantined, status.Unpublished);
        context.Terminal.Console.Write(table);
        WriteConsumers(context, [.. status.Containers.SelectMany(container => container.Consumers)]);
        BrokerText.Write(context.Terminal, status.Broker);
        if (status.Unpublished > 0)
            context.Terminal.Line($"The oldest unpublished message has waited for {Wording.Duration(TimeSpan.FromSeconds(status.OldestUnpublishedSeconds))}.");
        if (status.OpenDeadLetters > 0)
            context.Terminal.Line($"Open dead letters: {Wording.Tool} dead-letters groups");
        if (status.WaitingForRetry > 0)
            context.Terminal.Line($"Waiting for retry: {Wording.Count(status.WaitingForRetry, "message is", "messages are")} retried automatically: {Wording.Tool} dead-letters list --waiting-for-retry");
        if (status.BlockedSubjects > 0)
            context.Terminal.Line($"Blocked subjects: {Wording.Tool} blocked");
        if (status.Damaged > 0)
            context.Terminal.Line($"Damaged partitions: {Wording.Number(status.Damaged)}, whose records are missing or cannot be read: {Wording.Tool} blocked");
        if (status.Quarantined > 0)
            context.Terminal.Line($"Quarantined outbox messages: {Wording.Tool} quarantine list");

        return ExitCode.Ok;
    }

    /// <summary>Writes the consumers with errors.</summary>
    private static void WriteConsumers(CommandContext context, List<ConsumerStatus> consumers)
    {
        if (consumers.Count == 0)
            return;

        var now = context.Clock.GetUtcNow();
        var table = context.Terminal.Table("consumer", "blocked subjects", "the oldest for", "open dead letters", "waiting for retry");
        foreach (var consumer in consumers)
        {
            table.AddCells(
                consumer.Consumer,
                consumer.BlockedSubjects,
                consumer.OldestBlockedSince is { } since ? Wording.Duration(now - since) : "",
                consumer.OpenDeadLetters,
                consumer.WaitingForRetry);
        }

        context.Terminal.Gap();
        context.Terminal.Console.Write(table);
    }
}

using System.CommandLine;
using System.Text.Json;
using Pipeline.Client;

namespace Pipeline.Cli;

/// <summary><c>pipeline dead-letters show</c>: what failed, why, since when, what waits for it, what to do, and all entry.</summary>
internal static class ShowCommand
{
    public static Command Create(CommandContext context)
    {
        var target = new Argument<string>(DeadLetterSearch.IdOrSubject) { Description = "The id of a dead letter, or a blocked subject, for its blocking dead letter." };
        var consumer = CommonOptions.Consumer("With a subject: only its blocking dead letter at this consumer.");
        var json = CommonOptions.Json();
        var command = new Command("show", "Show one dead letter: what failed, why, since when, what waits for it, what to do, and all entry.")
        {
            target, consumer, json,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = context.Connect(parsed);
            var found = await DeadLetterSearch.FindBlockingAsync(client, parsed.GetRequiredValue(target), parsed.GetValue(consumer), cancellationToken);
            var documents = new List<JsonElement>();
            foreach (var entry in found)
                documents.Add(await client.GetJsonAsync(PipelineClient.Path("dead-letters", entry.Container, entry.Partition, entry.Id), cancellationToken));
            if (parsed.GetValue(json))
            {
                context.Terminal.Json(documents.Count == 1 ? documents[0] : JsonSerializer.SerializeToElement(new(documents, null), PipelineJson.Default.PageJsonElement));
                return ExitCode.Ok;
            }

            for (var i = 0; i < documents.Count; i++)
            {
                if (i > 0)
                    context.Terminal.Line();
                WriteHead(context.Terminal, documents[i].As(PipelineJson.Default.DeadLetterDetails), context.Clock.GetUtcNow());
                context.Terminal.Line();
                WriteAll(context.Terminal, documents[i]);
            }

            return ExitCode.Ok;
        });
        return command;
    }

    private static void WriteHead(Terminal terminal, DeadLetterDetails entry, DateTimeOffset now)
    {
        var number = entry.Sequence is null ? "" : string.Create(CultureInfo.InvariantCulture, $" no. {entry.Sequence}");
        var what = entry.Type is null ? "A message that is not an event" : Wording.ShortType(entry.Type) + number;
        var ending = DeadLetterText.EndingOf(entry);
        var pairs = new List<(string, string)>
        {
            ("what", $"{what} of {entry.Subject ?? entry.Partition}{(ending is null ? " is not handled" : "")} at {entry.Consumer}{(ending is null ? "" : $": {ending}")}"),
            ("why", $"{entry.Reason}: {entry.Description.ReplaceLineEndings("\n").Split('\n')[0]}"),
            ("since", $"{Wording.Time(entry.CreatedAt)}, {Wording.Duration(now - entry.CreatedAt)} ago{TriedOf(entry)}"),
        };
        if (entry.Status != "closed")
            pairs.Add(("waiting", WaitingOf(entry)));
        terminal.Pairs(pairs);

        // A line of its own, so that the command in it can be copied.
        terminal.Line($"what to do: {WhatToDo(entry, now)}");
    }

    private static string TriedOf(DeadLetterDetails entry) =>
        (entry.DeliveryCount > 0 ? $"; delivered {Wording.Count(entry.DeliveryCount, "time", "times")}" : "")
        + (entry.Attempt > 0 ? $", {Wording.Count(entry.Attempt, "replay", "replays")} failed" : "")
        + (entry.Edited > 0 ? $", edited {Wording.Count(entry.Edited, "time", "times")}" : "");

    private static string WaitingOf(DeadLetterDetails entry)
    {
        if (entry.WaitsBehind is { } blocker)
            return $"this message waits behind {blocker}";
        if (entry.Followers is not { Count: > 0 } followers)
            return entry.InOrder ? "nothing yet; later messages of the subject will" : "nothing";
        var first = string.Join(", ", followers.First.Select(f => Wording.ShortType(f.Type) + (f.Sequence is null ? "" : string.Create(CultureInfo.InvariantCulture, $" no. {f.Sequence}"))));
        return $"{Wording.Count(followers.Count, "message", "messages")} behind it: {first}{(followers.Count > followers.First.Count ? ", ..." : "")}";
    }

    private static string WhatToDo(DeadLetterDetails entry, DateTimeOffset now)
    {
        var tool = Wording.Tool;
        var replay = $"{tool} replay {entry.Id} --wait";
        if (entry.Status == "closed")
            return "nothing: it is closed";
        if (entry.WaitsBehind is { } blocker)
            return $"show what blocks the subject: {tool} dead-letters show {blocker}";
        if (entry.Status == "waitingForRetry")
        {
            var due = entry.RetryAt is { } at && at > now ? $"in {Wording.Duration(at - now)}" : "now";
            return $"nothing: it is retried automatically {due}. To retry at once: {replay}";
        }

        return entry.Reason switch
        {
            "OutOfOrder" or "Expired" =>
                $"find out whether it had its effect; it is never replayed. Then close it: {tool} dead-letters discard {entry.Id} --reason \"...\"",
            "NotJson" or "NotACloudEvent" or "ContractViolation" or "IdTooLong" =>
                $"correct the message ({tool} dead-letters edit {entry.Id} --patch FILE --why \"...\") and have the sender fixed, then: {replay}",
            "UnknownType" or "UnsupportedVersion" => $"deploy a release in which {entry.Consumer} handles {entry.Type}, then: {replay}",
            "PayloadMissing" => $"restore its payload, then: {replay}",
            "DamagedPartition" => $"restore the records named above from a backup, then: {replay}",
            _ => $"fix the cause, check with a dry run ({tool} dead-letters dry-run {entry.Id}), then: {replay}",
        };
    }

    private static void WriteAll(Terminal terminal, JsonElement document)
    {
        if (document.ValueKind != JsonValueKind.Object)
        {
            terminal.Json(document);
            return;
        }

        terminal.Pairs(document.EnumerateObject()
            .Where(property => property.Value.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array))
            .Select(property => (property.Name, property.Value.ValueKind == JsonValueKind.Null ? "" : property.Value.ToString())));
        foreach (var property in document.EnumerateObject())
        {
            if (property.Value.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array))
                continue;

            terminal.Line($"{property.Name}:");
            if (property.NameEquals("differences"))
                DryRunText.WriteDifferences(terminal, "  ", property.Value.As(PipelineJson.Default.IReadOnlyListJsonDifference));
            else
                terminal.Json(property.Value);
        }
    }
}

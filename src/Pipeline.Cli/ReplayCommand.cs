using System.CommandLine;
using System.Text.Json;
using Pipeline.Client;

namespace Pipeline.Cli;

/// <summary><c>pipeline replay</c>: sends dead letters again, to the consumer that could not handle them.</summary>
internal static class ReplayCommand
{
    private const string EntryPrefix = "dl:";
    private const int SubjectsShown = 10;

    public static Command Create(CommandContext context)
    {
        var target = new Argument<string>("ENTRY|SUBJECT")
        {
            Description = $"The id of a dead letter ({EntryPrefix}...), or a subject: all its waiting messages, in order.",
        };
        var consumer = CommonOptions.Consumer("With a subject: only messages that wait at this consumer.");
        var wait = Wait();
        var json = CommonOptions.Json();
        var command = new Command("replay", "Replay a dead letter or all waiting messages of a subject; or plan, check and apply a replay of many.")
        {
            target, consumer, wait, json, Plan(context), ReplayDryRun.Create(context), Apply(context), Status(context), Stop(context), List(context),
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = context.Connect(parsed);
            var request = Request(parsed.GetRequiredValue(target), parsed.GetValue(consumer)) with { By = CurrentUser() };
            var replay = await client.Replays.PlanAsync(request, cancellationToken);
            return await EndAsync(context, client, replay, parsed.GetValue(wait), parsed.GetValue(json), cancellationToken);
        });
        return command;
    }

    /// <summary>A target with the prefix of an id is an id; any other is a subject.</summary>
    internal static PlanReplayRequest Request(string target, string? consumer) =>
        target.StartsWith(EntryPrefix, StringComparison.Ordinal)
            ? new PlanReplayRequest { Entry = target, Consumer = consumer, Apply = true }
            : new PlanReplayRequest { Subject = target, Consumer = consumer, Apply = true };

    private static Command Plan(CommandContext context)
    {
        var filter = new DeadLetterFilterOptions();
        var rate = CommonOptions.Number("--rate", "Messages per second, all subjects together.", 1, 200, 50);
        var maxFailed = CommonOptions.Number("--max-failed", "Stop after this many subjects have failed again; 0 for no limit.", 0, int.MaxValue, 0);
        var by = new Option<string?>("--by") { Description = "The actor; it is stored. Default: the name of the current user.", HelpName = "NAME" };
        var why = new Option<string?>("--why") { Description = "The reason; it is stored.", HelpName = "TEXT" };
        var apply = new Option<bool>("--apply") { Description = "Apply it immediately." };
        var wait = Wait();
        var json = CommonOptions.Json();
        var command = new Command("plan", "Select the messages to replay: blocking dead letters with the messages behind them. Sends nothing.")
        {
            rate, maxFailed, by, why, apply, wait, json,
        };
        filter.AddSelectionTo(command);
        command.Validators.Add(result =>
        {
            if (result.GetValue(wait) && !result.GetValue(apply))
                result.AddError("--wait needs --apply.");
        });
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = context.Connect(parsed);
            filter.TellTimes(parsed, context.Terminal);
            var request = filter.Selection(parsed) with
            {
                Rate = parsed.GetValue(rate),
                MaxFailed = parsed.GetValue(maxFailed),
                By = parsed.GetValue(by) ?? CurrentUser(),
                Why = parsed.GetValue(why),
                Apply = parsed.GetValue(apply),
            };
            var replay = await client.Replays.PlanAsync(request, cancellationToken);
            if (parsed.GetValue(apply))
                return await EndAsync(context, client, replay, parsed.GetValue(wait), parsed.GetValue(json), cancellationToken);
            if (parsed.GetValue(json))
            {
                Json(context, replay);
                return ExitCode.Ok;
            }

            Write(context.Terminal, replay);
            await WriteSubjectsAsync(context.Terminal, client, replay, cancellationToken);
            context.Terminal.Line($"Nothing was sent. Dry run: {Wording.Tool} replay dry-run {replay.ReplayId}  Apply: {Wording.Tool} replay apply {replay.ReplayId} --wait");
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command Apply(CommandContext context)
    {
        var id = Id();
        var wait = Wait();
        var json = CommonOptions.Json();
        var command = new Command("apply", "Start a planned replay.") { id, wait, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = context.Connect(parsed);
            var replay = await client.Replays.ApplyAsync(parsed.GetRequiredValue(id), cancellationToken);
            return await EndAsync(context, client, replay, parsed.GetValue(wait), parsed.GetValue(json), cancellationToken);
        });
        return command;
    }

    private static Command Status(CommandContext context)
    {
        var id = Id();
        var wait = Wait();
        var json = CommonOptions.Json();
        var command = new Command("status", "Show the progress of a replay.") { id, wait, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = context.Connect(parsed);
            var replay = await client.Replays.GetAsync(parsed.GetRequiredValue(id), cancellationToken);
            if (parsed.GetValue(wait))
                return await EndAsync(context, client, replay, wait: true, parsed.GetValue(json), cancellationToken);
            if (parsed.GetValue(json))
            {
                Json(context, replay);
                return ExitCode.Ok;
            }

            Write(context.Terminal, replay);
            await WriteSubjectsAsync(context.Terminal, client, replay, cancellationToken);
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command Stop(CommandContext context)
    {
        var id = Id();
        var by = new Option<string?>("--by") { Description = "The actor; it is stored. Default: the name of the current user.", HelpName = "NAME" };
        var why = new Option<string?>("--why") { Description = "The reason; it is stored.", HelpName = "TEXT" };
        var json = CommonOptions.Json();
        var command = new Command("stop", "Stop a replay: it sends nothing more; messages in the broker are still handled.") { id, by, why, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = context.Connect(parsed);
            var who = parsed.GetValue(by) ?? CurrentUser() ?? throw new CliFailure("The name of the current user is unknown: give one with --by NAME.");
            var replay = await client.Replays.StopAsync(parsed.GetRequiredValue(id), who, parsed.GetValue(why), cancellationToken);
            if (parsed.GetValue(json))
                Json(context, replay);
            else
                Write(context.Terminal, replay);
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command List(CommandContext context)
    {
        var json = CommonOptions.Json();
        var command = new Command("list", "List the replays of the last 90 days, the newest first.") { json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = context.Connect(parsed);
            var replays = new List<ReplaySummary>();
            await foreach (var replay in client.Replays.ListAsync(cancellationToken: cancellationToken))
                replays.Add(replay);
            replays = [.. replays.OrderByDescending(r => r.CreatedAt)];
            if (parsed.GetValue(json))
            {
                context.Terminal.Json(JsonSerializer.SerializeToElement(new Page<ReplaySummary>(replays, null), PipelineJson.Default.PageReplaySummary));
                return ExitCode.Ok;
            }

            if (replays.Count == 0)
                context.Terminal.Line("No replays.");
            var table = context.Terminal.Table("replay", "status", "subjects", "completed", "failed", "sent", Column.Below("planned at"), Column.Below("by"), Column.WrappingBelow("why"));
            foreach (var r in replays)
                table.AddCells(r.ReplayId, r.Status, r.Subjects, r.Completed, r.Failed, r.Sent, Wording.Time(r.CreatedAt), r.By, r.Why);
            if (replays.Count > 0)
                context.Terminal.Console.Write(table);
            return ExitCode.Ok;
        });
        return command;
    }

    /// <summary>Waits if requested, writes the progress, and fails if the replay did not succeed.</summary>
    private static async Task<int> EndAsync(
        CommandContext context, PipelineClient client, ReplaySummary replay, bool wait, bool json, CancellationToken cancellationToken)
    {
        if (wait)
            replay = await new ReplayFollowing(context, client).ToTheEndAsync(replay, quiet: json, cancellationToken);
        if (json)
            Json(context, replay);
        else
            Write(context.Terminal, replay);
        if (!json && replay.IsOver() && replay.Failed + replay.Skipped > 0)
            await WriteReasonsAsync(context.Terminal, client, replay, cancellationToken);
        if (wait && replay.Status != ReplayStatus.Completed)
        {
            // What is written above has said why.
            var why = json && replay.Detail is { } detail ? $": {detail}" : ".";
            throw new CliFailure($"The replay {replay.ReplayId} {replay.Status}{why} '{Wording.Tool} dead-letters list' says more.");
        }

        if (wait && replay is { Skipped: > 0, Sent: 0 })
            throw new CliFailure($"The replay {replay.ReplayId} sent nothing: {Wording.Count(replay.Skipped, "subject was left as it is", "subjects were left as they are")}. '{Wording.Tool} replay status {replay.ReplayId}' says why.");
        if (!wait && !json && !replay.IsOver())
            context.Terminal.Line($"It is still running: {Wording.Tool} replay status {replay.ReplayId} --wait");
        return ExitCode.Ok;
    }

    private static void Write(Terminal terminal, ReplaySummary replay)
    {
        var pairs = new List<(string, string)>
        {
            ("replay", replay.ReplayId),
            ("status", replay.Detail is null ? replay.Status : $"{replay.Status}: {replay.Detail}"),
            ("subjects", $"{Wording.Number(replay.Subjects)}: {Wording.Number(replay.Completed)} completed, {Wording.Number(replay.Failed)} failed again, "
                + $"{Wording.Number(replay.Skipped)} left as they are, {Wording.Number(replay.Running)} under way"),
            ("messages", $"{Wording.Number(replay.Entries)} waiting when planned, {Wording.Number(replay.Sent)} sent"
                + (ReplayFollowing.Unsent(replay) is { } why ? $"; {why}" : "")
                + (replay.AlreadyHandled > 0 ? $"; {Wording.Number(replay.AlreadyHandled)} of them had been handled before, so that the replay had no effect" : "")),
        };
        if (replay.Status == ReplayStatus.Planned)
        {
            pairs.Add(("takes", string.Create(
                CultureInfo.InvariantCulture, $"about {Wording.Duration(TimeSpan.FromSeconds(replay.EstimatedSeconds))} at {replay.Rate} messages/s, if nothing fails")));
        }

        if (replay.Left is { BehindOthers: > 0 } behind)
            pairs.Add(("left out", $"{Wording.Count(behind.BehindOthers, "subject", "subjects")} in which another dead letter blocks it"));
        if (replay.Left is { NeverReplayed: > 0 } never)
            pairs.Add(("left out", $"{Wording.Count(never.NeverReplayed, "entry", "entries")} out of order or expired: unknown whether they were handled"));
        foreach (var group in replay.Groups)
            pairs.Add(("cause", $"{group.Fingerprint}  {Wording.Count(group.Subjects, "subject", "subjects")}, {Wording.Count(group.Entries, "message", "messages")}: {group.Summary}"));
        terminal.Pairs(pairs);
    }

    /// <summary>Writes why subjects failed again or were skipped, the most frequent reasons first.</summary>
    private static async Task WriteReasonsAsync(Terminal terminal, PipelineClient client, ReplaySummary replay, CancellationToken cancellationToken)
    {
        var path = PipelineClient.Path("replays", replay.ReplayId, "subjects") + "?limit=500";
        var page = await client.GetAsync(path, PipelineJson.Default.PageReplaySubject, cancellationToken);
        var reasons = page.Items.Where(s => s.Status is ReplayStatus.Stopped or ReplayStatus.Skipped)
            .GroupBy(s => (s.Status, Detail: (s.Detail ?? "no reason given").ReplaceLineEndings("\n").Split('\n')[0]))
            .OrderByDescending(g => g.Count());
        foreach (var reason in reasons.Take(SubjectsShown))
        {
            var what = reason.Key.Status == ReplayStatus.Stopped ? "failed again" : "left as they are";
            terminal.Line($"{Wording.Count(reason.Count(), "subject", "subjects")} {what}, such as {reason.First().Partition}: {reason.Key.Detail}");
        }
    }

    /// <summary>Writes the first subjects, failed ones first.</summary>
    private static async Task WriteSubjectsAsync(Terminal terminal, PipelineClient client, ReplaySummary replay, CancellationToken cancellationToken)
    {
        var path = PipelineClient.Path("replays", replay.ReplayId, "subjects") + "?limit=500";
        var page = await client.GetAsync(path, PipelineJson.Default.PageReplaySubject, cancellationToken);
        var table = terminal.Table("subject", "consumer", "blocked by", Column.Below("reason"), Column.Below("waiting"), Column.Below("status"), Column.WrappingBelow("detail"));
        foreach (var s in page.Items.OrderBy(s => s.Status is ReplayStatus.Stopped ? 0 : s.Status is ReplayStatus.Skipped ? 1 : 2).ThenBy(s => s.Number).Take(SubjectsShown))
            table.AddCells(s.Partition, s.Consumer, Wording.ShortType(s.Type), s.Reason, s.Waiting, s.Status, s.Detail?.ReplaceLineEndings("\n").Split('\n')[0]);
        terminal.Gap();
        terminal.Console.Write(table);
        if (replay.Subjects > SubjectsShown)
            terminal.Line($"and {Wording.Number(replay.Subjects - SubjectsShown)} more subjects");
    }

    private static void Json(CommandContext context, ReplaySummary replay) =>
        context.Terminal.Json(JsonSerializer.SerializeToElement(replay, PipelineJson.Default.ReplaySummary));

    private static Argument<string> Id() => new("ID") { Description = "The id of the replay." };

    private static Option<bool> Wait() => new("--wait") { Description = "Wait for the end; exit code 1 if a message fails again or nothing could be sent." };

    private static string? CurrentUser() => Environment.UserName is { Length: > 0 } user ? user : null;
}

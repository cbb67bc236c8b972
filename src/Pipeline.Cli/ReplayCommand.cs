using System.CommandLine;
using System.Text.Json;
using Pipeline.Cli.Http;

namespace Pipeline.Cli;

/// <summary><c>pipeline replay</c>: sends dead letters back, to the consumer that could not handle them.</summary>
internal static class ReplayCommand
{
    private const string EntryPrefix = "dl:";
    private const int SubjectsShown = 10;

    public static Command Create(CommandContext context)
    {
        var target = new Argument<string>("ENTRY|SUBJECT")
        {
            Description = $"A dead letter's id ({EntryPrefix}...), or a subject: all that waits of it, in order.",
        };
        var consumer = CommonOptions.Consumer("With a subject: only what waits at this consumer.");
        var wait = Wait();
        var json = CommonOptions.Json();
        var command = new Command("replay", "Replay a dead letter, or all that waits of a subject; or plan a replay of many, look, then apply.")
        {
            target, consumer, wait, json, Plan(context), ReplayDryRun.Create(context), Apply(context), Status(context), Stop(context), List(context),
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = context.Connect(parsed);
            var request = Request(parsed.GetRequiredValue(target), parsed.GetValue(consumer)) with { By = WhoOrNobody() };
            var replay = await SendAsync(client, "api/replays", request, cancellationToken);
            return await EndAsync(context, client, replay, parsed.GetValue(wait), parsed.GetValue(json), cancellationToken);
        });
        return command;
    }

    /// <summary>What looks like a ledger entry's id is one; anything else is a subject.</summary>
    internal static PlanReplayRequest Request(string target, string? consumer) =>
        target.StartsWith(EntryPrefix, StringComparison.Ordinal)
            ? new PlanReplayRequest { Entry = target, Consumer = consumer, Apply = true }
            : new PlanReplayRequest { Subject = target, Consumer = consumer, Apply = true };

    private static Command Plan(CommandContext context)
    {
        var filter = new DeadLetterFilterOptions();
        var rate = CommonOptions.Number("--rate", "Messages per second, all subjects together.", 1, 200, 50);
        var maxFailed = CommonOptions.Number("--max-failed", "Leave the rest alone once that many subjects failed again; 0 for never.", 0, int.MaxValue, 0);
        var by = new Option<string?>("--by") { Description = "Who; it is kept. Otherwise the name that this machine knows you by.", HelpName = "NAME" };
        var why = new Option<string?>("--why") { Description = "Why; it is kept.", HelpName = "TEXT" };
        var apply = new Option<bool>("--apply") { Description = "Apply it at once." };
        var wait = Wait();
        var json = CommonOptions.Json();
        var command = new Command("plan", "Freeze what is to be replayed: the blocked heads of a selection, with what waits behind them. Sends nothing.")
        {
            rate, maxFailed, by, why, apply, wait, json,
        };
        filter.AddSelectionTo(command);
        command.Validators.Add(result =>
        {
            if (result.GetValue(wait) && !result.GetValue(apply))
                result.AddError("--wait needs --apply: a plan alone is over at once.");
        });
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = context.Connect(parsed);
            filter.TellTimes(parsed, context.Terminal);
            var request = filter.Selection(parsed) with
            {
                Rate = parsed.GetValue(rate),
                MaxFailed = parsed.GetValue(maxFailed),
                By = parsed.GetValue(by) ?? WhoOrNobody(),
                Why = parsed.GetValue(why),
                Apply = parsed.GetValue(apply),
            };
            var replay = await SendAsync(client, "api/replays", request, cancellationToken);
            if (parsed.GetValue(apply))
                return await EndAsync(context, client, replay, parsed.GetValue(wait), parsed.GetValue(json), cancellationToken);
            if (parsed.GetValue(json))
            {
                Json(context, replay);
                return ExitCode.Ok;
            }

            Write(context.Terminal, replay);
            await WriteSubjectsAsync(context.Terminal, client, replay, cancellationToken);
            context.Terminal.Line($"Nothing was sent. Try it: {Wording.Tool} replay dry-run {replay.ReplayId}  Apply it: {Wording.Tool} replay apply {replay.ReplayId} --wait");
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command Apply(CommandContext context)
    {
        var id = Id();
        var wait = Wait();
        var json = CommonOptions.Json();
        var command = new Command("apply", "Start what was planned.") { id, wait, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = context.Connect(parsed);
            var replay = await client.PostAsync(
                PipelineClient.Path("replays", parsed.GetRequiredValue(id), "apply"), WireJson.Default.Replay, cancellationToken);
            return await EndAsync(context, client, replay, parsed.GetValue(wait), parsed.GetValue(json), cancellationToken);
        });
        return command;
    }

    private static Command Status(CommandContext context)
    {
        var id = Id();
        var wait = Wait();
        var json = CommonOptions.Json();
        var command = new Command("status", "Show how far a replay is.") { id, wait, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = context.Connect(parsed);
            var replay = await client.GetAsync(PipelineClient.Path("replays", parsed.GetRequiredValue(id)), WireJson.Default.Replay, cancellationToken);
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
        var by = new Option<string?>("--by") { Description = "Who; it is kept. Otherwise the name that this machine knows you by.", HelpName = "NAME" };
        var why = new Option<string?>("--why") { Description = "Why; it is kept.", HelpName = "TEXT" };
        var json = CommonOptions.Json();
        var command = new Command("stop", "Stop a replay: nothing more is sent; what is under way is still handled.") { id, by, why, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = context.Connect(parsed);
            var who = parsed.GetValue(by) ?? WhoOrNobody() ?? throw new CliFailure("This machine does not tell who you are: say so with --by NAME.");
            var replay = await client.SendAsync(
                HttpMethod.Post,
                PipelineClient.Path("replays", parsed.GetRequiredValue(id), "stop"),
                new StopReplayRequest(who, parsed.GetValue(why)),
                WireJson.Default.StopReplayRequest,
                WireJson.Default.Replay,
                idempotencyKey: null,
                cancellationToken);
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
            var replays = new List<Replay>();
            await foreach (var replay in client.ItemsAsync("api/replays?limit=500", WireJson.Default.PageReplay, null, cancellationToken))
                replays.Add(replay);
            replays = [.. replays.OrderByDescending(r => r.CreatedAt)];
            if (parsed.GetValue(json))
            {
                context.Terminal.Json(JsonSerializer.SerializeToElement(new Page<Replay>(replays, null), WireJson.Default.PageReplay));
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

    /// <summary>Waits if that is wanted, shows where it stands, and fails if it did not succeed.</summary>
    private static async Task<int> EndAsync(
        CommandContext context, PipelineClient client, Replay replay, bool wait, bool json, CancellationToken cancellationToken)
    {
        if (wait)
            replay = await new ReplayFollowing(context, client).ToTheEndAsync(replay, quiet: json, cancellationToken);
        if (json)
            Json(context, replay);
        else
            Write(context.Terminal, replay);
        if (!json && replay.IsOver && replay.Failed + replay.Skipped > 0)
            await WriteReasonsAsync(context.Terminal, client, replay, cancellationToken);
        if (wait && replay.Status != "completed")
            throw new CliFailure($"The replay {replay.ReplayId} {replay.Status}: {replay.Detail ?? "a message failed again"} '{Wording.Tool} dead-letters list' says more.");
        if (!wait && !json && !replay.IsOver)
            context.Terminal.Line($"It runs on: {Wording.Tool} replay status {replay.ReplayId} --wait");
        return ExitCode.Ok;
    }

    private static Task<Replay> SendAsync(PipelineClient client, string path, PlanReplayRequest request, CancellationToken cancellationToken) => client.SendAsync(
        HttpMethod.Post, path, request, WireJson.Default.PlanReplayRequest, WireJson.Default.Replay, idempotencyKey: null, cancellationToken);

    private static void Write(Terminal terminal, Replay replay)
    {
        var pairs = new List<(string, string)>
        {
            ("replay", replay.ReplayId),
            ("status", replay.Detail is null ? replay.Status ?? "" : $"{replay.Status}: {replay.Detail}"),
            ("subjects", $"{Wording.Number(replay.Subjects)}: {Wording.Number(replay.Completed)} completed, {Wording.Number(replay.Failed)} failed again, "
                + $"{Wording.Number(replay.Skipped)} left as they are, {Wording.Number(replay.Running)} under way"),
            ("messages", $"{Wording.Number(replay.Entries)} waiting when planned, {Wording.Number(replay.Sent)} sent"
                + (ReplayFollowing.Unsent(replay) is { } why ? $"; {why}" : "")
                + (replay.AlreadyHandled > 0 ? $"; {Wording.Number(replay.AlreadyHandled)} of them had been handled before, so that the replay had no effect" : "")),
        };
        if (replay.Status == "planned")
        {
            pairs.Add(("takes", string.Create(
                CultureInfo.InvariantCulture, $"about {Wording.Duration(TimeSpan.FromSeconds(replay.EstimatedSeconds ?? 0))} at {replay.Rate} messages/s, if nothing fails")));
        }

        if (replay.Left is { BehindOthers: > 0 } behind)
            pairs.Add(("left out", $"{Wording.Count(behind.BehindOthers, "subject", "subjects")} in which it waits behind something else"));
        if (replay.Left is { NeverReplayed: > 0 } never)
            pairs.Add(("left out", $"{Wording.Count(never.NeverReplayed, "entry", "entries")} out of order or expired: nothing tells whether they were handled"));
        foreach (var group in replay.Groups ?? [])
            pairs.Add(("cause", $"{group.Fingerprint}  {Wording.Count(group.Subjects, "subject", "subjects")}, {Wording.Count(group.Entries, "message", "messages")}: {group.Summary}"));
        terminal.Pairs(pairs);
    }

    /// <summary>Why subjects failed again or were left as they are, the most frequent reasons first.</summary>
    private static async Task WriteReasonsAsync(Terminal terminal, PipelineClient client, Replay replay, CancellationToken cancellationToken)
    {
        var path = PipelineClient.Path("replays", replay.ReplayId, "subjects") + "?limit=500";
        var page = await client.GetAsync(path, WireJson.Default.PageReplaySubject, cancellationToken);
        var reasons = page.Items.Where(s => s.Status is "stopped" or "skipped")
            .GroupBy(s => (s.Status, Detail: (s.Detail ?? "no reason given").ReplaceLineEndings("\n").Split('\n')[0]))
            .OrderByDescending(g => g.Count());
        foreach (var reason in reasons.Take(SubjectsShown))
        {
            var what = reason.Key.Status == "stopped" ? "failed again" : "left as they are";
            terminal.Line($"{Wording.Count(reason.Count(), "subject", "subjects")} {what}, such as {reason.First().Partition}: {reason.Key.Detail}");
        }
    }

    /// <summary>The first ones, those that failed before the others.</summary>
    private static async Task WriteSubjectsAsync(Terminal terminal, PipelineClient client, Replay replay, CancellationToken cancellationToken)
    {
        var path = PipelineClient.Path("replays", replay.ReplayId, "subjects") + "?limit=500";
        var page = await client.GetAsync(path, WireJson.Default.PageReplaySubject, cancellationToken);
        var table = terminal.Table("subject", "consumer", "blocked by", Column.Below("reason"), Column.Below("waiting"), Column.Below("status"), Column.WrappingBelow("detail"));
        foreach (var s in page.Items.OrderBy(s => s.Status is "stopped" ? 0 : s.Status is "skipped" ? 1 : 2).ThenBy(s => s.Number).Take(SubjectsShown))
            table.AddCells(s.Partition, s.Consumer, Wording.ShortType(s.Type), s.Reason, s.Waiting, s.Status, s.Detail?.ReplaceLineEndings("\n").Split('\n')[0]);
        terminal.Gap();
        terminal.Console.Write(table);
        if (replay.Subjects > SubjectsShown)
            terminal.Line($"and {Wording.Number(replay.Subjects - SubjectsShown)} more subjects");
    }

    private static void Json(CommandContext context, Replay replay) =>
        context.Terminal.Json(JsonSerializer.SerializeToElement(replay, WireJson.Default.Replay));

    private static Argument<string> Id() => new("ID") { Description = "The id that the replay was given." };

    private static Option<bool> Wait() => new("--wait") { Description = "Wait for the end; exit code 1 if a message fails again." };

    private static string? WhoOrNobody() => Environment.UserName is { Length: > 0 } user ? user : null;
}

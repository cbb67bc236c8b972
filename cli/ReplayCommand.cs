using System.CommandLine;
using System.Text.Json;
using Pipeline.Cli.Http;
using Spectre.Console;

namespace Pipeline.Cli;

/// <summary><c>pipeline replay</c>: sends dead letters back, to the consumer that could not handle them.</summary>
internal static class ReplayCommand
{
    private const string EntryPrefix = "dl:";
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(250);

    public static Command Create(CommandContext context)
    {
        var target = new Argument<string>("ENTRY|SUBJECT")
        {
            Description = $"A dead letter's id ({EntryPrefix}...), or a subject: all that waits of it, in order.",
        };
        var consumer = CommonOptions.Consumer("The consumer that is blocked; needed when several are.");
        var wait = new Option<bool>("--wait") { Description = "Wait for the end; exit code 1 if the replay stops on a failure." };
        var json = CommonOptions.Json();
        var command = new Command("replay", "Replay a dead letter, or all that waits of a subject.")
        {
            target, consumer, wait, json, Status(context),
        };
        command.SetAction((parsed, cancellationToken) => RunAsync(
            context,
            parsed,
            Request(parsed.GetRequiredValue(target), parsed.GetValue(consumer)),
            parsed.GetValue(wait),
            parsed.GetValue(json),
            cancellationToken));
        return command;
    }

    /// <summary>What looks like a ledger entry's id is one; anything else is a subject.</summary>
    internal static ReplayRequest Request(string target, string? consumer) =>
        target.StartsWith(EntryPrefix, StringComparison.Ordinal)
            ? new ReplayRequest(Entry: target, Subject: null, consumer)
            : new ReplayRequest(Entry: null, Subject: target, consumer);

    private static Command Status(CommandContext context)
    {
        var id = new Argument<string>("ID") { Description = "The id that the replay was given." };
        var json = CommonOptions.Json();
        var command = new Command("status", "Show how far a replay is.") { id, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = context.Connect(parsed);
            var document = await client.GetJsonAsync(PipelineClient.Path("replays", parsed.GetRequiredValue(id)), cancellationToken);
            if (parsed.GetValue(json))
                context.Terminal.Json(document);
            else
                Write(context.Terminal, document.As(WireJson.Default.Replay));

            return ExitCode.Ok;
        });
        return command;
    }

    private static async Task<int> RunAsync(
        CommandContext context, ParseResult parsed, ReplayRequest request, bool wait, bool json, CancellationToken cancellationToken)
    {
        using var client = context.Connect(parsed);
        var replay = await client.SendAsync(
            HttpMethod.Post,
            "api/replays",
            request,
            WireJson.Default.ReplayRequest,
            WireJson.Default.Replay,
            idempotencyKey: null,
            cancellationToken);
        if (wait)
        {
            try
            {
                replay = await WaitAsync(context, client, replay, quiet: json, cancellationToken);
            }
            catch (Exception failure) when (failure is OperationCanceledException or PipelineUnreachable)
            {
                context.Terminal.Error.WriteLine($"pipeline: The replay goes on without this tool: {Wording.Tool} replay status {replay.ReplayId}");
                throw;
            }
        }

        if (json)
            context.Terminal.Json(JsonSerializer.SerializeToElement(replay, WireJson.Default.Replay));
        else
            Write(context.Terminal, replay);

        if (wait && replay.Status == "stopped")
        {
            throw new CliFailure(
                $"The replay of {replay.Partition ?? "the subject"} at {replay.Consumer} stopped: {replay.Detail ?? "a message failed again"}. "
                + $"'{Wording.Tool} dead-letters list' says why.");
        }

        if (!wait && !json)
            context.Terminal.Line($"It runs on: {Wording.Tool} replay status {replay.ReplayId}");

        return ExitCode.Ok;
    }

    private static Task<Replay> WaitAsync(
        CommandContext context, PipelineClient client, Replay replay, bool quiet, CancellationToken cancellationToken)
    {
        if (quiet)
            return FollowAsync(context, client, replay, _ => { }, cancellationToken);

        if (context.Terminal.IsLive)
        {
            return context.Terminal.Console.Status().StartAsync(Progress(replay).EscapeMarkup(), view =>
                FollowAsync(context, client, replay, now => view.Status = Progress(now).EscapeMarkup(), cancellationToken));
        }

        context.Terminal.Line(Progress(replay));
        return FollowAsync(context, client, replay, now => context.Terminal.Line(Progress(now)), cancellationToken);
    }

    private static async Task<Replay> FollowAsync(
        CommandContext context, PipelineClient client, Replay replay, Action<Replay> onChange, CancellationToken cancellationToken)
    {
        while (!replay.IsOver)
        {
            await Task.Delay(LookEvery, context.Clock, cancellationToken);
            var now = await client.GetAsync(
                PipelineClient.Path("replays", replay.ReplayId), WireJson.Default.Replay, cancellationToken);
            if (now != replay)
                onChange(now);

            replay = now;
        }

        return replay;
    }

    private static string Progress(Replay replay) =>
        $"Replay {replay.ReplayId}: {replay.Status}, sent {Wording.Number(replay.Sent ?? 0)}"
        + (replay.Closed is { } closed ? $", closed {Wording.Number(closed)}" : "");

    private static void Write(Terminal terminal, Replay replay)
    {
        var pairs = new List<(string, string)>
        {
            ("replay", replay.ReplayId),
            ("consumer", replay.Consumer ?? ""),
            ("partition", $"{replay.Container}/{replay.Partition}"),
            ("status", replay.Detail is null ? replay.Status ?? "" : $"{replay.Status}: {replay.Detail}"),
            ("sent", Wording.Number(replay.Sent ?? 0)),
        };
        if (replay.Closed is { } closed)
            pairs.Add(("closed", Wording.Number(closed)));

        terminal.Pairs(pairs);
    }
}

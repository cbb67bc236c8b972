using Pipeline.Client;
using Spectre.Console;

namespace Pipeline.Cli;

/// <summary>Follows a replay to its end: a progress bar in a terminal, a line per change in a pipe, nothing for JSON.</summary>
internal sealed class ReplayFollowing(CommandContext context, PipelineClient client)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(250);

    public async Task<ReplaySummary> ToTheEndAsync(ReplaySummary replay, bool quiet, CancellationToken cancellationToken)
    {
        try
        {
            if (quiet)
                return await LookAsync(replay, _ => { }, cancellationToken);
            if (!context.Terminal.IsLive)
            {
                context.Terminal.Line(Line(replay));
                return await LookAsync(replay, now => context.Terminal.Line(Line(now)), cancellationToken);
            }

            return await context.Terminal.Console.Progress()
                .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn { Width = IsNarrow ? 20 : 40 }, new PercentageColumn(), new RemainingTimeColumn())
                .StartAsync(progress =>
                {
                    // Messages, not subjects: one subject may have most of them. More may come while it runs.
                    var bar = progress.AddTask(Description(replay), maxValue: Math.Max(1, replay.Entries));
                    return LookAsync(
                        replay,
                        now =>
                        {
                            bar.MaxValue = Math.Max(1, Math.Max(now.Entries, now.Sent));
                            bar.Value = now.IsOver() ? bar.MaxValue : now.Sent;
                            bar.Description = Description(now);
                        },
                        cancellationToken);
                });
        }
        catch (Exception failure) when (failure is OperationCanceledException or PipelineUnreachableException)
        {
            context.Terminal.Complain(
                $"The replay continues without this tool. Progress: {Wording.Tool} replay status {replay.ReplayId}  Stop: {Wording.Tool} replay stop {replay.ReplayId}");
            throw;
        }
    }

    /// <summary>Without room for the figures beside the progress bar, they are written at the end.</summary>
    private bool IsNarrow => context.Terminal.Console.Profile.Width < 160;

    private string Description(ReplaySummary replay) => Terminal.OneLine(IsNarrow ? $"{replay.ReplayId} {replay.Status}" : Line(replay)).EscapeMarkup();

    public static string Line(ReplaySummary replay) => string.Create(
        CultureInfo.InvariantCulture,
        $"{replay.ReplayId} {replay.Status}: {replay.Completed + replay.Failed + replay.Skipped:N0} of {replay.Subjects:N0} subjects over")
        + EndingsOf(replay)
        + string.Create(CultureInfo.InvariantCulture, $", {replay.Sent:N0} of {Math.Max(replay.Entries, replay.Sent):N0} messages sent")
        + (Unsent(replay) is { } why ? $" ({why})" : "");

    /// <summary>Gets why a finished replay sent less than planned; <see langword="null"/> if it did not.</summary>
    public static string? Unsent(ReplaySummary replay) =>
        !replay.IsOver() || replay.Sent >= replay.Entries ? null
        : (replay.Failed, replay.Skipped) switch
        {
            ( > 0, > 0) => "the rest waits in subjects that failed again or were left as they are",
            ( > 0, 0) => "the rest waits behind what failed again",
            (0, > 0) => "the rest waits in subjects that were left as they are",
            _ => "the rest was handled or discarded meanwhile",
        };

    private static string EndingsOf(ReplaySummary replay)
    {
        if (replay.Failed + replay.Skipped == 0)
            return "";
        string[] parts =
        [
            $"{Wording.Number(replay.Completed)} completed",
            .. replay.Failed > 0 ? [$"{Wording.Number(replay.Failed)} failed again"] : Array.Empty<string>(),
            .. replay.Skipped > 0 ? [$"{Wording.Number(replay.Skipped)} left as they are"] : Array.Empty<string>(),
        ];
        return $" ({string.Join(", ", parts)})";
    }

    private async Task<ReplaySummary> LookAsync(ReplaySummary replay, Action<ReplaySummary> onChange, CancellationToken cancellationToken)
    {
        while (!replay.IsOver())
        {
            await Task.Delay(LookEvery, context.Clock, cancellationToken);
            var now = await client.Replays.GetAsync(replay.ReplayId, cancellationToken);
            if (now.Progress() != replay.Progress())
                onChange(now);
            replay = now;
        }

        return replay;
    }
}

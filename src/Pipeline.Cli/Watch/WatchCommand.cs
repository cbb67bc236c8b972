using System.CommandLine;
using System.Net;
using System.Text.Json;
using Pipeline.Client;
using Spectre.Console;

namespace Pipeline.Cli.Watch;

/// <summary><c>pipeline watch</c>: the current activity, redrawn until Ctrl+C.</summary>
internal static class WatchCommand
{
    // After a long pause there are many pages; the rest comes with the next request.
    private const int MostPagesPerLook = 50;

    public static Command Create(CommandContext context)
    {
        var every = CommonOptions.Number("--every", "Seconds between two requests.", from: 1, to: 60, otherwise: 2);
        var json = new Option<bool>("--json") { Description = "Print the answers of the pipeline as JSON, one line per request." };
        var command = new Command(
            "watch",
            "Watch rates, latencies, waiting and blocked messages until Ctrl+C. Redrawn in a terminal; lines elsewhere and with --json.")
        {
            every, json,
        };
        command.SetAction((parsed, cancellationToken) => RunAsync(
            context, parsed, TimeSpan.FromSeconds(parsed.GetValue(every)), parsed.GetValue(json), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(
        CommandContext context, ParseResult parsed, TimeSpan every, bool json, CancellationToken cancellationToken)
    {
        using var client = context.Connect(parsed);
        var state = new WatchState();
        try
        {
            // The first request fails as in other commands; later ones wait for a pipeline that restarts.
            await LookAsync(client, state, cancellationToken);
            if (json || !context.Terminal.IsLive)
                await PrintAsync(context, client, state, every, json, cancellationToken);
            else
                await DrawAsync(context, client, state, every, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Ctrl+C is how watching ends.
        }

        return ExitCode.Ok;
    }

    private static async Task PrintAsync(
        CommandContext context, PipelineClient client, WatchState state, TimeSpan every, bool json, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (json)
                context.Terminal.Out.WriteLine(JsonSerializer.Serialize(state.ToLook(), WatchJson.Default.WatchLook));
            else
                WatchView.Print(context.Terminal, state);
            await context.Terminal.Out.FlushAsync(cancellationToken);
            await Task.Delay(every, context.Clock, cancellationToken);
            await TryLookAsync(client, state, cancellationToken);
        }
    }

    private static Task DrawAsync(
        CommandContext context, PipelineClient client, WatchState state, TimeSpan every, CancellationToken cancellationToken) =>
        context.Terminal.Console.Live(WatchView.Draw(context.Terminal, client.Url, state))
            .Overflow(VerticalOverflow.Ellipsis)
            .StartAsync(async view =>
            {
                while (true)
                {
                    await Task.Delay(every, context.Clock, cancellationToken);
                    await TryLookAsync(client, state, cancellationToken);
                    view.UpdateTarget(WatchView.Draw(context.Terminal, client.Url, state));
                }
            });

    private static async Task TryLookAsync(PipelineClient client, WatchState state, CancellationToken cancellationToken)
    {
        try
        {
            await LookAsync(client, state, cancellationToken);
        }
        catch (PipelineClientException failure) when (failure.IsTransient)
        {
            state.Fail(ClientFailure.TextOf(failure));
        }
    }

    private static async Task LookAsync(PipelineClient client, WatchState state, CancellationToken cancellationToken)
    {
        var pages = new List<ActivityReport>();
        var continuation = state.Continuation;
        do
        {
            try
            {
                pages.Add(await client.Monitoring.GetActivityAsync(continuation, cancellationToken));
            }
            catch (PipelineRefusedException refusal) when (refusal.Status == HttpStatusCode.NotFound)
            {
                throw new CliFailure($"{client.Url} has no {client.Address("api/activity")}: it is not a pipeline, or older than this tool.", refusal);
            }
            catch (PipelineRefusedException refusal) when (refusal.Status == HttpStatusCode.BadRequest && continuation is not null)
            {
                // It was restarted with other data: the totals are kept, and watching continues from now.
                continuation = null;
                continue;
            }

            continuation = pages[^1].Continuation;
        }
        while (pages.Count == 0 || (pages[^1].More && pages.Count < MostPagesPerLook));

        state.See(pages, await client.Monitoring.GetStatusAsync(cancellationToken));
    }
}

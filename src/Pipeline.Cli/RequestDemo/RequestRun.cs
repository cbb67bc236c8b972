using Pipeline.Cli.Applications;
using Pipeline.Client;
using Pipeline.Cli.Running;

namespace Pipeline.Cli.RequestDemo;

/// <summary>One demo of an application: its requests, and all that they cause.</summary>
/// <param name="requests">The requests.</param>
/// <param name="runId">Tells two runs apart.</param>
/// <param name="showsNext">Whether the pipeline stays, so that there is something to look at.</param>
/// <param name="terminal">Where output goes.</param>
/// <param name="clock">Times the waiting.</param>
internal sealed class RequestRun(IReadOnlyList<DemoRequest> requests, string runId, bool showsNext, Terminal terminal, TimeProvider clock)
{
    /// <summary>Runs.</summary>
    /// <returns>Whether all that the requests caused was handled.</returns>
    public async Task<bool> RunAsync(PipelineClient client, CancellationToken cancellationToken)
    {
        var count = requests.Sum(request => request.Count);
        terminal.Line($"Sending {Wording.Count(count, "request", "requests")} of {DemoFile.Name} (run {runId})");

        // Jitter needs no quality, but should differ between two parallel runs.
        var retry = new TransientRetry(clock, new Random(runId.GetHashCode(StringComparison.Ordinal)));
        var tally = new RequestTally(count);
        var following = new FlowFollowing(client, retry, clock, tally);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var sent = new RequestSending(client, retry, clock, runId, tally).RunAsync(requests, following.Add, both.Token);
        var followed = following.RunAsync(sent, both.Token);
        await new ProgressView(terminal, clock, tally.Look).ShowAsync(BothAsync(sent, followed, both));
        return new RequestSummary(terminal, client).Write(await followed, showsNext);
    }

    /// <summary>The first failure ends the other task: following does not help a refused request.</summary>
    private static async Task BothAsync(Task sent, Task followed, CancellationTokenSource both)
    {
        var first = await Task.WhenAny(sent, followed);
        if (!first.IsCompletedSuccessfully)
        {
            await both.CancelAsync();
            await Task.WhenAll(sent, followed).ContinueWith(
                task => task.Exception, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }

        await first;
        await Task.WhenAll(sent, followed);
    }
}

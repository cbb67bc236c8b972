using Pipeline.Client;

namespace Pipeline.Cli.Running;

/// <summary>Works with a pipeline: the one that runs, or one that is started, and stopped at the end.</summary>
internal sealed class PipelineSession(SessionSettings settings, Terminal terminal, TimeProvider clock)
{
    /// <summary>Finds or starts the pipeline, does the work, and stays until the user ends it, unless it is to exit.</summary>
    /// <param name="work">The work, with the process of the pipeline if it was started here. Its result: whether all went well.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<int> RunAsync(Func<PipelineClient, PipelineProcess?, CancellationToken, Task<bool>> work, CancellationToken cancellationToken)
    {
        using var client = new PipelineClient(settings.Url, settings.Key);
        await using var process = await FindOrStartAsync(client, cancellationToken);

        bool isClean;
        try
        {
            isClean = await WhileRunningAsync(process, token => work(client, process, token), cancellationToken);
            if (!settings.Exit)
                await StayAsync(process, cancellationToken);
        }
        finally
        {
            if (process is { Ended.IsCompleted: false })
                terminal.Line("Stopping the pipeline ...");
        }

        return isClean ? ExitCode.Ok : ExitCode.Failed;
    }

    private async Task<PipelineProcess?> FindOrStartAsync(PipelineClient client, CancellationToken cancellationToken)
    {
        if (await Readiness.IsThereAsync(client, cancellationToken))
        {
            if (settings.WhyOwn is { } why)
            {
                throw new CliFailure(
                    $"A pipeline is running at {client.Url} already, and {why}, so it starts its own. "
                    + "Stop that one, or give another port of this machine: --url http://localhost:7072");
            }

            await WaitReadyAsync(client, cancellationToken);
            terminal.Line($"Using the pipeline at {client.Url}");
            return null;
        }

        if (settings.Start is not { } start)
        {
            throw new CliFailure(
                $"Nothing answers at {client.Url}. Start the pipeline there, or give a port of this machine, such as --url http://localhost:7072, or no --url, to have one started.");
        }

        start = await FunctionsBuild.PreparedAsync(start, terminal, cancellationToken);
        var process = PipelineProcess.Start(start);
        try
        {
            var begun = clock.GetTimestamp();
            await terminal.WaitAsync("Starting the pipeline", async () =>
            {
                await process.WaitReadyAsync(client, clock, start.ReadyWithin, cancellationToken);
                return true;
            });
            terminal.Line($"The pipeline is ready at {client.Url} after {Wording.Duration(clock.GetElapsedTime(begun))} (log: {process.LogPath})");
            return process;
        }
        catch (Exception failure)
        {
            if (failure is CliFailure or PipelineClientException)
                ShowLastLines(process);

            await process.DisposeAsync();
            throw;
        }
    }

    private async Task WaitReadyAsync(PipelineClient client, CancellationToken cancellationToken)
    {
        var begun = clock.GetTimestamp();
        while (!await Readiness.IsReadyAsync(client, cancellationToken))
        {
            if (clock.GetElapsedTime(begun) >= TimeSpan.FromSeconds(30))
                throw new CliFailure($"The pipeline at {client.Url} answers, but is not ready after 30 seconds. Look into its log.");

            await Task.Delay(TimeSpan.FromMilliseconds(200), clock, cancellationToken);
        }
    }

    /// <summary>Runs the work, and ends it when the started pipeline ends.</summary>
    private async Task<T> WhileRunningAsync<T>(
        PipelineProcess? process, Func<CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        if (process is null)
            return await work(cancellationToken);

        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var running = work(both.Token);
        if (await Task.WhenAny(running, process.Ended) == running)
            return await running;

        await both.CancelAsync();
        await running.ContinueWith(
            task => task.Exception, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        await ThrowIfDiedAsync(process, cancellationToken);
        throw new OperationCanceledException(cancellationToken);
    }

    private async Task ThrowIfDiedAsync(PipelineProcess process, CancellationToken cancellationToken)
    {
        // Ctrl+C goes to both processes, and the other one can end first: wait a moment for our own signal.
        await Task.WhenAny(Task.Delay(TimeSpan.FromMilliseconds(300), clock, cancellationToken));
        if (cancellationToken.IsCancellationRequested)
            return;

        ShowLastLines(process);
        throw process.Failure();
    }

    private void ShowLastLines(PipelineProcess process)
    {
        foreach (var line in process.LastLines())
            terminal.Error.WriteLine("  | " + Terminal.OneLine(line));
    }

    private async Task StayAsync(PipelineProcess? process, CancellationToken cancellationToken)
    {
        terminal.Line();
        if (process is null)
        {
            terminal.Line("The pipeline was running before and stays up.");
            return;
        }

        terminal.Line($"The pipeline stays up at {settings.Url} until you press Ctrl+C.");
        await Task.WhenAny(process.Ended, Task.Delay(Timeout.InfiniteTimeSpan, clock, cancellationToken));
        if (!cancellationToken.IsCancellationRequested)
            await ThrowIfDiedAsync(process, cancellationToken);
    }
}

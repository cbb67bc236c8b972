using Pipeline.Client;

namespace Pipeline.Cli.Demo;

/// <summary>One demo, from start to end.</summary>
internal sealed class DemoRun(DemoSettings settings, Terminal terminal, TimeProvider clock)
{
    private const int MostNamed = 10;

    private readonly DateTimeOffset started = clock.GetUtcNow();

    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        PrepareReport();
        using var client = new PipelineClient(settings.Url, settings.Key);
        await using var process = await FindOrStartAsync(client, cancellationToken);

        bool isClean;
        try
        {
            isClean = await WhileRunningAsync(process, token => OrdersAsync(client, process, token), cancellationToken);
            if (settings.Exit)
                return isClean ? ExitCode.Ok : ExitCode.Failed;

            await StayAsync(process, cancellationToken);
        }
        finally
        {
            if (process is { Ended.IsCompleted: false })
                terminal.Line("Stopping the pipeline ...");
        }

        return isClean ? ExitCode.Ok : ExitCode.Failed;
    }

    /// <summary>Checks before the work that the report can be written.</summary>
    private void PrepareReport()
    {
        if (settings.Report is not { } file)
            return;

        try
        {
            file.Directory?.Create();
            using var probe = new FileStream(file.FullName, FileMode.OpenOrCreate, FileAccess.Write);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new CliFailure($"The report cannot be written: {failure.Message} Give --report a file that can be.", failure);
        }
    }

    private async Task<PipelineProcess?> FindOrStartAsync(PipelineClient client, CancellationToken cancellationToken)
    {
        if (await Readiness.IsThereAsync(client, cancellationToken))
        {
            if (settings.Chaos)
            {
                throw new CliFailure(
                    $"A pipeline is running at {client.Url} already, and --chaos kills the one that it works with, so it starts its own. "
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

    private async Task<bool> OrdersAsync(PipelineClient client, PipelineProcess? process, CancellationToken cancellationToken)
    {
        // Jitter needs no quality, but should differ between two parallel runs.
        var retry = new TransientRetry(clock, new Random(settings.RunId.GetHashCode(StringComparison.Ordinal)));
        var plan = new DemoPlan(settings.Orders, settings.RunId);
        var reservedBefore = await new Stocking(client, retry, plan).FillAsync(cancellationToken);
        var chaos = settings.Chaos && process is not null ? new Chaos(client, retry, clock, settings, terminal, plan, process) : null;
        try
        {
            return await OrdersAsync(client, retry, plan, reservedBefore, chaos, cancellationToken);
        }
        catch when (chaos is not null)
        {
            await chaos.RemoveFaultAsync();
            throw;
        }
    }

    private async Task<bool> OrdersAsync(
        PipelineClient client, TransientRetry retry, DemoPlan plan, IReadOnlyDictionary<string, long> reservedBefore, Chaos? chaos, CancellationToken cancellationToken)
    {
        if (chaos is not null)
            await chaos.BreakCarrierAsync(cancellationToken);
        terminal.Line($"Placing {Wording.Count(plan.Orders, "order", "orders")} (run {settings.RunId})");

        var tally = new Tally(plan.Orders);
        var (placed, outcome) = await PlaceAndWatchAsync(client, retry, plan, tally, chaos, cancellationToken);
        if (chaos is not null)
            outcome = await chaos.RepairAsync(placed, outcome, tally, cancellationToken);
        TellWaiting(outcome);
        var evidence = await terminal.WaitAsync("Checking what the pipeline did", () =>
            new Collecting(client, retry, clock, settings).RunAsync(placed, reservedBefore, started, cancellationToken));
        var verdict = Verdict.Of(evidence);
        if (chaos is not null)
            verdict = chaos.Conclude(verdict, evidence);
        if (settings.Report is { } file)
            await verdict.Report.WriteAsync(file, cancellationToken);

        var summary = new Summary(terminal, client, retry, clock);
        summary.WriteFigures(verdict);
        await summary.WriteTimelineAsync(verdict.Sample, cancellationToken);
        // With --exit the started pipeline stops, so there is nothing to inspect.
        if (!settings.Exit || settings.Start is null)
            summary.WriteNext(verdict.Sample);
        return verdict.Report.IsClean;
    }

    private async Task<(IReadOnlyList<PlacedOrder> Placed, WatchOutcome Outcome)> PlaceAndWatchAsync(
        PipelineClient client, TransientRetry retry, DemoPlan plan, Tally tally, Chaos? chaos, CancellationToken cancellationToken)
    {
        var watching = new Watching(client, clock, settings, tally);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var placed = new Placing(client, retry, settings.RunId, tally).RunAsync(plan, watching.Add, both.Token);
        var watched = watching.RunAsync(placed, both.Token);
        var killed = chaos?.KillHalfwayAsync(tally, both) ?? Task.CompletedTask;
        var work = Task.Run(
            async () =>
            {
                // The first failure ends the other task: waiting does not help a refused order.
                var first = await Task.WhenAny(placed, watched);
                if (!first.IsCompletedSuccessfully)
                    await both.CancelAsync();
                else if (first == watched && !placed.IsCompleted)
                    await both.CancelAsync();

                try
                {
                    await first;
                    await placed;
                    await watched;
                    await killed;
                }
                catch (OperationCanceledException) when (killed.IsFaulted)
                {
                    await killed;
                    throw;
                }
            },
            CancellationToken.None);
        try
        {
            await new ProgressView(terminal, clock, tally).ShowAsync(work);
        }
        catch
        {
            await both.CancelAsync();
            await Task.WhenAll(placed, watched, killed).ContinueWith(
                task => task.Exception, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            throw;
        }

        return (await placed, await watched);
    }

    private void TellWaiting(WatchOutcome outcome)
    {
        if (outcome.End == WatchEnd.AllFinal)
            return;

        var named = string.Join(", ", outcome.Waiting.Take(MostNamed).Select(order => order.OrderId));
        var rest = outcome.Waiting.Count > MostNamed ? $" and {Wording.Number(outcome.Waiting.Count - MostNamed)} more" : "";
        var count = Wording.Count(outcome.Waiting.Count, "order is", "orders are");
        terminal.Line(outcome.End == WatchEnd.RestBlocked
            ? $"{count} blocked by dead letters or quarantined outbox messages: {named}{rest}. See '{Wording.Tool} dead-letters list' and '{Wording.Tool} quarantine list'."
            : string.Create(CultureInfo.InvariantCulture,
                $"{count} not final, and nothing has changed for {settings.StalledAfter.TotalSeconds:0} seconds: {named}{rest}."));
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

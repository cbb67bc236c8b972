using Pipeline.Cli.Running;
using Pipeline.Client;

namespace Pipeline.Cli.Demo;

/// <summary>One demo with orders, from start to end.</summary>
internal sealed class DemoRun(DemoSettings settings, Terminal terminal, TimeProvider clock)
{
    private const int MostNamed = 10;

    private readonly DateTimeOffset started = clock.GetUtcNow();

    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        PrepareReport();
        var session = new SessionSettings
        {
            Url = settings.Url,
            Key = settings.Key,
            Start = settings.Start,
            Exit = settings.Exit,
            WhyOwn = settings.Chaos ? "--chaos kills the one that it works with" : null,
        };
        return await new PipelineSession(session, terminal, clock).RunAsync(OrdersAsync, cancellationToken);
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
            await new ProgressView(terminal, clock, tally.Look).ShowAsync(work);
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
}

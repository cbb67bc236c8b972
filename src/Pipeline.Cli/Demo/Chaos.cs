using System.Collections.Concurrent;
using Pipeline.Cli.Running;
using Pipeline.Cli.Sample;
using Pipeline.Client;

namespace Pipeline.Cli.Demo;

/// <summary>
/// The faults of <c>--chaos</c>: a carrier that fails for one article, a kill in the middle, and the repair. Duplicate deliveries
/// are a setting of the started pipeline.
/// </summary>
internal sealed class Chaos(
    PipelineClient client, TransientRetry retry, TimeProvider clock, DemoSettings settings, Terminal terminal, DemoPlan plan, PipelineProcess process)
{
    /// <summary>A subject stays blocked while its delayed retries fail, as those of a failing carrier do, so a short time suffices.</summary>
    public static readonly TimeSpan BlockedFor = TimeSpan.FromSeconds(2);

    private const double DuplicateDeliveries = 0.1;

    // With this many messages, none of them twice is practically impossible (0.9 to this power).
    private const int MessagesThatShowDuplicates = 200;

    private const int Concurrency = 16;
    private static readonly TimeSpan LookForHalf = TimeSpan.FromMilliseconds(5);

    private static readonly TimeSpan RemoveWithin = TimeSpan.FromSeconds(5);

    private readonly string article = plan.Order(1).Lines[0].Sku;
    private readonly DateTimeOffset runBegun = clock.GetUtcNow();
    private readonly List<string> findings = [];
    private readonly Dictionary<string, PlacedOrder> repaired = new(StringComparer.Ordinal);
    private bool isBroken;
    private int killedAt;
    private int restarts;
    private int blockedSubjects;
    private int replaysCompleted;

    private string FaultPath => PipelineClient.Path("simulator", "carrier-faults", article);

    /// <summary>Gets the settings to start the pipeline at the address.</summary>
    public static StartSettings Start(StartSettings start, Uri url)
    {
        var own = start.At(url.Port);
        return own with { Arguments = [.. own.Arguments, string.Create(CultureInfo.InvariantCulture, $"--Local:DuplicateDeliveries={DuplicateDeliveries}")] };
    }

    /// <summary>Makes the carrier fail for one article; idempotent.</summary>
    public async Task BreakCarrierAsync(CancellationToken cancellationToken)
    {
        // Set before the request: a cancelled request can have had its effect.
        isBroken = true;
        try
        {
            await SetFaultAsync(HttpMethod.Put, cancellationToken);
        }
        catch (Exception failure) when (failure is CliFailure or PipelineClientException { IsTransient: false })
        {
            isBroken = false;
            throw;
        }

        terminal.Line($"Chaos: the carrier refuses article {article}, every tenth message is delivered twice.");
    }

    /// <summary>Kills the pipeline when about half of the orders are placed, and starts it again. Clients retry meanwhile.</summary>
    /// <param name="tally">Has the number of placed orders, and receives the notes.</param>
    /// <param name="run">Is cancelled if the pipeline does not start again.</param>
    public async Task KillHalfwayAsync(Tally tally, CancellationTokenSource run)
    {
        try
        {
            while (tally.Placed < Math.Max(1, tally.Orders / 2))
                await Task.Delay(LookForHalf, clock, run.Token);

            killedAt = tally.Placed;
            tally.Note = $"The pipeline was killed (kill -9) with {Wording.Number(killedAt)} of {Wording.Number(tally.Orders)} orders placed, and is started again.";
            var begun = clock.GetTimestamp();
            await process.KillAndStartAgainAsync();
            await process.WaitReadyAsync(client, clock, settings.Start!.ReadyWithin, run.Token);
            restarts++;
            tally.Note = $"Killed (kill -9) with {Wording.Number(killedAt)} of {Wording.Number(tally.Orders)} orders placed, "
                + $"back after {Wording.Duration(clock.GetElapsedTime(begun))}.";
        }
        catch
        {
            await run.CancelAsync();
            throw;
        }
    }

    /// <summary>Shows the blocked subjects, removes the fault, replays, and waits for the blocked orders.</summary>
    public async Task<WatchOutcome> RepairAsync(
        IReadOnlyList<PlacedOrder> placed, WatchOutcome outcome, Tally tally, CancellationToken cancellationToken)
    {
        var blocked = await new BlockedSubjects(client, retry).OfAsync(outcome.Waiting, cancellationToken);
        blockedSubjects = blocked.Count;
        foreach (var subject in blocked)
            repaired[subject.Order.OrderId] = subject.Order;
        await CheckBlockedAsync(placed, outcome, cancellationToken);
        BlockedSubjects.Write(terminal, blocked);

        await SetFaultAsync(HttpMethod.Delete, cancellationToken);
        isBroken = false;
        if (outcome.Waiting.Count == 0)
            return outcome;

        terminal.Line($"The carrier takes {article} again. Replaying {Wording.Count(blocked.Count, "subject", "subjects")} at once, ahead of the delayed retries.");
        tally.Note = null;
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var replaying = new Replaying(client, retry, clock, settings.StalledAfter, runBegun);
        var watching = new Watching(client, clock, settings, tally);
        foreach (var order in outcome.Waiting)
            watching.Add(order);

        var replayed = Either(replaying.RunAsync(blocked, tally, both.Token), both);
        var watched = Either(watching.RunAsync(replayed, both.Token), both);
        await new ProgressView(terminal, clock, tally.Look).ShowAsync(EndOfBothAsync(replayed, watched));
        findings.AddRange(await replayed);
        replaysCompleted = replaying.Completed;
        return await watched;
    }

    /// <summary>
    /// After a run that ended early: removes the fault, which is stored and would outlive the run, and reports the result. Ctrl+C in a
    /// terminal also ends the pipeline, possibly earlier.
    /// </summary>
    public async Task RemoveFaultAsync()
    {
        if (!isBroken)
            return;

        using var patience = new CancellationTokenSource(RemoveWithin, clock);
        var removing = SetFaultAsync(HttpMethod.Delete, patience.Token);
        if (await Task.WhenAny(removing, process.Ended) != removing)
            await patience.CancelAsync();
        try
        {
            await removing;
            isBroken = false;
            terminal.Line($"Ended early: the carrier takes article {article} again. Messages that it refused are retried automatically while the pipeline runs.");
        }
        catch (Exception failure) when (failure is CliFailure or PipelineClientException or OperationCanceledException)
        {
            terminal.Line(
                $"Ended early: the fault of article {article} could not be removed any more. When the pipeline is up: "
                + $"curl -X DELETE {client.Address(FaultPath)}");
        }
    }

    /// <summary>Adds the faults to the verdict, and selects a blocked order as the example.</summary>
    public Verdict Conclude(Verdict verdict, Evidence evidence)
    {
        foreach (var (order, placed) in repaired)
        {
            // A working carrier declines some orders for its own reasons.
            var canBeDelivered = plan.Order(placed.Number).CustomerId != DemoPlan.UnreachableCustomer;
            if (canBeDelivered && evidence.Orders.TryGetValue(order, out var now) && !now.IsCompleted)
                findings.Add($"order {order} was blocked and replayed, but is {now.Status}");
        }

        if (restarts != 1)
            findings.Add(string.Create(CultureInfo.InvariantCulture,
                $"the pipeline was killed and started again {restarts} times, not once"));
        if (evidence.Duplicates == 0 && evidence.Handlings >= MessagesThatShowDuplicates)
            findings.Add(string.Create(CultureInfo.InvariantCulture, $"none of {evidence.Handlings} messages was delivered twice"));

        var report = verdict.Report with
        {
            Chaos = new ChaosReport(killedAt, restarts, evidence.Duplicates, article, blockedSubjects, replaysCompleted, findings),
        };
        var sample = repaired.Keys.Order(StringComparer.Ordinal).Select(id => evidence.Orders.GetValueOrDefault(id)).FirstOrDefault(order => order is not null);
        return verdict with { Report = report, Sample = sample ?? verdict.Sample };
    }

    private static async Task<T> Either<T>(Task<T> task, CancellationTokenSource both)
    {
        try
        {
            return await task;
        }
        catch
        {
            await both.CancelAsync();
            throw;
        }
    }

    /// <summary>Ends when both have ended, with the failure that caused it.</summary>
    private static async Task EndOfBothAsync(Task replayed, Task watched)
    {
        await Task.WhenAll(replayed, watched).ContinueWith(
            task => task.Exception, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        await (watched.IsFaulted ? watched : replayed);
        await watched;
    }

    private async Task SetFaultAsync(HttpMethod method, CancellationToken cancellationToken)
    {
        try
        {
            await retry.RetryAsync(
                async token =>
                {
                    await client.SendAsync(method, FaultPath, token);
                    return true;
                },
                cancellationToken);
        }
        catch (PipelineRefusedException refusal) when (refusal.Status is System.Net.HttpStatusCode.NotFound or System.Net.HttpStatusCode.MethodNotAllowed)
        {
            throw new CliFailure($"The pipeline has no simulated carrier to break ({client.Address(FaultPath)}). Is it of the same version as this tool?", refusal);
        }
    }

    /// <summary>Every order of the article waits, blocked by its own dead letter, unless it was cancelled before it could be shipped.</summary>
    private async Task CheckBlockedAsync(IReadOnlyList<PlacedOrder> placed, WatchOutcome outcome, CancellationToken cancellationToken)
    {
        if (repaired.Count == 0)
            findings.Add($"the carrier refused {article}, but no order is blocked");

        var waiting = outcome.Waiting.Select(order => order.OrderId).ToHashSet(StringComparer.Ordinal);
        findings.AddRange(waiting.Where(id => !repaired.ContainsKey(id)).Order(StringComparer.Ordinal)
            .Select(id => $"order {id} is not final, and nothing of it is blocked"));
        var shipped = new ConcurrentBag<string>();
        var options = new ParallelOptions { MaxDegreeOfParallelism = Concurrency, CancellationToken = cancellationToken };
        var others = placed.Where(order => !waiting.Contains(order.OrderId) && order.Lines.Any(line => line.Sku == article));
        await Parallel.ForEachAsync(others, options, async (placedOrder, token) =>
        {
            var order = await retry.RetryAsync(
                inner => client.FindAsync(PipelineClient.Path("orders", placedOrder.OrderId), SampleJson.Default.Order, inner), token);
            if (order is { IsCompleted: true })
                shipped.Add(placedOrder.OrderId);
        });
        findings.AddRange(shipped.Order(StringComparer.Ordinal).Select(id => $"order {id} was completed although the carrier refused {article}"));
    }
}

using System.Collections.Concurrent;
using Pipeline.Cli.Sample;
using Pipeline.Client;

namespace Pipeline.Cli.Demo;

/// <summary>Polls placed orders until each is final, at a bounded rate.</summary>
internal sealed class Watching(PipelineClient client, TimeProvider clock, DemoSettings settings, Tally tally)
{
    private const int LooksPerTick = 50;
    private const int Concurrency = 16;
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan BlocksEvery = TimeSpan.FromSeconds(1);

    private readonly ConcurrentQueue<PlacedOrder> arrivals = new();

    // By the time of the next poll: the order that has waited longest is first, so that a hanging order cannot starve the others.
    private readonly PriorityQueue<Waiting, TimeSpan> next = new();
    private readonly Dictionary<string, PlacedOrder> waiting = new(StringComparer.Ordinal);
    private readonly long start = clock.GetTimestamp();
    private readonly string silence = string.Create(
        CultureInfo.InvariantCulture,
        $"Nothing answers at {client.Url}. Trying again until nothing has changed for {settings.StalledAfter.TotalSeconds:0} seconds.");

    private PipelineUnreachableException? lastUnreachable;

    // The recent duration of orders. Polling sooner is useless and loads the pipeline.
    private TimeSpan expected = Tick;

    public void Add(PlacedOrder order) => arrivals.Enqueue(order);

    /// <summary>Runs until all placed orders are final, or there is no progress.</summary>
    /// <param name="placing">Ends when no more orders will be added.</param>
    /// <param name="cancellationToken">Ends watching.</param>
    public async Task<WatchOutcome> RunAsync(Task placing, CancellationToken cancellationToken)
    {
        var blocking = new Blocking(client);
        var (lastChange, lastCount, lastBlocks) = (Now(), (Placed: 0, Final: 0), Now());
        TimeSpan? allBlockedSince = null;
        using var timer = new PeriodicTimer(Tick, clock);
        while (true)
        {
            var isPlacing = !placing.IsCompleted;
            Admit();
            await LookAsync(cancellationToken);

            var count = (tally.Placed, tally.Final);
            if (count != lastCount)
                (lastChange, lastCount) = (Now(), count);
            if (!isPlacing && waiting.Count == 0)
            {
                tally.Blocked = 0;
                return new WatchOutcome(WatchEnd.AllFinal, []);
            }

            if (Now() - lastBlocks >= BlocksEvery && lastUnreachable is null)
            {
                lastBlocks = Now();
                tally.Blocked = await blocking.CountAsync(waiting.Values, cancellationToken);
            }

            var isAllBlocked = !isPlacing && tally.Blocked >= waiting.Count;
            allBlockedSince = isAllBlocked ? allBlockedSince ?? Now() : null;
            if (allBlockedSince is { } since && Now() - since >= settings.BlockedFor)
                return new WatchOutcome(WatchEnd.RestBlocked, Rest());
            if (Now() - lastChange >= settings.StalledAfter)
                return lastUnreachable is null ? new WatchOutcome(WatchEnd.Stalled, Rest()) : throw lastUnreachable;

            await timer.WaitForNextTickAsync(cancellationToken);
        }
    }

    private TimeSpan Now() => clock.GetElapsedTime(start);

    private static TimeSpan Within(TimeSpan pause) => pause < Tick ? Tick : pause > LongestPause ? LongestPause : pause;

    private List<PlacedOrder> Rest() => [.. waiting.Values.OrderBy(order => order.Number)];

    private void Admit()
    {
        while (arrivals.TryDequeue(out var order))
        {
            waiting.Add(order.OrderId, order);
            next.Enqueue(new Waiting(order, Within(expected / 4)), Now() + Within(expected));
        }
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        // Few are left: poll all of them, so that the end is noticed at once.
        var isEnd = next.Count <= LooksPerTick;
        var batch = new List<Waiting>(LooksPerTick);
        while (batch.Count < LooksPerTick && next.TryPeek(out var candidate, out var due) && (isEnd || due <= Now()))
        {
            next.Dequeue();
            batch.Add(candidate);
        }

        var states = new LookResult[batch.Count];
        var options = new ParallelOptions { MaxDegreeOfParallelism = Concurrency, CancellationToken = cancellationToken };
        await Parallel.ForAsync(0, batch.Count, options, async (i, token) => states[i] = await LookAtAsync(batch[i].Order, token));
        if (batch.Count == 0)
            return; // Nothing was polled, so it is unknown whether the pipeline answers again.

        lastUnreachable = null;
        for (var i = 0; i < batch.Count; i++)
        {
            lastUnreachable ??= states[i].Failure as PipelineUnreachableException;
            var order = batch[i].Order;
            if (states[i].Order is { IsFinal: true } final)
            {
                waiting.Remove(order.OrderId);
                tally.CountFinal(final.IsCompleted);
                if (Lifetime.Of(final) is { } lifetime)
                    expected += (lifetime.Taken - expected) / 8;
                continue;
            }

            next.Enqueue(new Waiting(order, Within(batch[i].Pause * 2)), Now() + batch[i].Pause);
        }

        NoteWhetherItAnswers();
    }

    /// <summary>Explains counts without progress. The chaos run reports its own kill.</summary>
    private void NoteWhetherItAnswers()
    {
        if (lastUnreachable is null)
        {
            if (tally.Note == silence)
                tally.Note = "The pipeline answers again.";
        }
        else
        {
            tally.Note ??= silence;
        }
    }

    private async Task<LookResult> LookAtAsync(PlacedOrder order, CancellationToken cancellationToken)
    {
        try
        {
            // An unknown order stays on the list: if it stays unknown, the checks at the end call it lost.
            return new LookResult(
                await client.FindAsync(PipelineClient.Path("orders", order.OrderId), SampleJson.Default.Order, cancellationToken), null);
        }
        catch (PipelineClientException failure) when (failure.IsTransient)
        {
            // A pipeline can restart during the demo: the order is polled again.
            return new LookResult(null, failure);
        }
    }

    private readonly record struct LookResult(Order? Order, PipelineClientException? Failure);

    private readonly record struct Waiting(PlacedOrder Order, TimeSpan Pause);
}

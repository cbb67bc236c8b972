using System.Collections.Concurrent;
using Pipeline.Client;

namespace Pipeline.Cli.RequestDemo;

/// <summary>Reads the flows of accepted requests until each has settled, at a bounded rate.</summary>
internal sealed class FlowFollowing(PipelineClient client, TransientRetry retry, TimeProvider clock, RequestTally tally)
{
    private const int LooksPerTick = 50;
    private const int Concurrency = 8;
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(250);

    /// <summary>How long nothing may change before waiting ends. Longer than a first retry.</summary>
    private static readonly TimeSpan StalledAfter = TimeSpan.FromSeconds(60);

    /// <summary>The same if a failure blocks all that is left, or no flow is known of it.</summary>
    private static readonly TimeSpan BlockedFor = TimeSpan.FromSeconds(5);

    private readonly ConcurrentQueue<SentRequest> arrivals = new();

    public void Add(SentRequest request) => arrivals.Enqueue(request);

    /// <summary>Runs until all flows have settled, or there is no progress.</summary>
    /// <param name="sending">Ends when no more requests will be added.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<IReadOnlyList<FollowedFlow>> RunAsync(Task sending, CancellationToken cancellationToken)
    {
        var settled = new List<FollowedFlow>();
        var open = new Queue<FollowedFlow>(); // The one that was looked at longest ago is first.
        var lastChange = clock.GetTimestamp();
        using var timer = new PeriodicTimer(Tick, clock);
        while (true)
        {
            var isSending = !sending.IsCompleted;
            while (arrivals.TryDequeue(out var request))
                open.Enqueue(new FollowedFlow(request, Flow: null));
            if (await LookAsync(open, settled, cancellationToken) || isSending)
                lastChange = clock.GetTimestamp();
            tally.SetBlocked(open.Count(flow => flow.IsBlocked));
            if (!isSending && open.Count == 0)
                return settled;

            var patience = open.All(flow => flow.IsBlocked || flow.Flow is null) ? BlockedFor : StalledAfter;
            if (!isSending && clock.GetElapsedTime(lastChange) >= patience)
                return [.. settled, .. open];
            await timer.WaitForNextTickAsync(cancellationToken);
        }
    }

    /// <returns>Whether something has changed.</returns>
    private async Task<bool> LookAsync(Queue<FollowedFlow> open, List<FollowedFlow> settled, CancellationToken cancellationToken)
    {
        var before = new FollowedFlow[Math.Min(open.Count, LooksPerTick)];
        for (var i = 0; i < before.Length; i++)
            before[i] = open.Dequeue();
        var after = new FollowedFlow[before.Length];
        var options = new ParallelOptions { MaxDegreeOfParallelism = Concurrency, CancellationToken = cancellationToken };
        await Parallel.ForAsync(0, before.Length, options, async (i, token) =>
        {
            var id = before[i].Request.CorrelationId;
            after[i] = before[i] with { Flow = await retry.RetryAsync(t => client.Monitoring.FindFlowAsync(id, t), token) };
        });
        var isChanged = false;
        for (var i = 0; i < after.Length; i++)
        {
            isChanged |= StatesOf(before[i]) != StatesOf(after[i]);
            if (after[i].IsSettled)
            {
                settled.Add(after[i]);
                tally.CountSettled();
            }
            else
            {
                open.Enqueue(after[i]);
            }
        }

        return isChanged;
    }

    private static string StatesOf(FollowedFlow flow) => string.Join(' ', (flow.Flow?.Steps ?? []).Select(step => step.State).Order(StringComparer.Ordinal));
}

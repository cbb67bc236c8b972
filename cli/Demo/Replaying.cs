using System.Collections.Concurrent;
using System.Net;
using Pipeline.Cli.Http;

namespace Pipeline.Cli.Demo;

/// <summary>Replays blocked subjects, some at a time, and follows each to its end.</summary>
internal sealed class Replaying(PipelineClient client, Transient retry, TimeProvider clock, TimeSpan stalledAfter)
{
    private const int Concurrency = 8;
    private const int MostTries = 3;
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(250);

    private int completed;

    public int Completed => Volatile.Read(ref completed);

    /// <returns>What went wrong, a sentence each.</returns>
    public async Task<IReadOnlyList<string>> RunAsync(IReadOnlyList<BlockedSubject> subjects, Tally tally, CancellationToken cancellationToken)
    {
        var findings = new ConcurrentBag<string>();
        var options = new ParallelOptions { MaxDegreeOfParallelism = Concurrency, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(subjects, options, async (subject, token) =>
        {
            if (await ReplayAsync(subject, token) is { } finding)
                findings.Add(finding);
            else
                Interlocked.Increment(ref completed);

            tally.Note = $"{Wording.Number(Completed)} of {Wording.Count(subjects.Count, "replay", "replays")} completed.";
        });
        return [.. findings.Order(StringComparer.Ordinal)];
    }

    /// <summary>A delayed retry that was under way before the repair may still fail, and then the replay has to be asked for again.</summary>
    private async Task<string?> ReplayAsync(BlockedSubject subject, CancellationToken cancellationToken)
    {
        for (var tries = 1; ; tries++)
        {
            var finding = await ReplayOnceAsync(subject, cancellationToken);
            if (finding is null || tries == MostTries || !await IsHeldAsync(subject, cancellationToken))
                return finding;
        }
    }

    private async Task<bool> IsHeldAsync(BlockedSubject subject, CancellationToken cancellationToken) =>
        (await OpenAsync(subject, cancellationToken)).Any(entry => entry.Status == "held");

    private async Task<List<DeadLetter>> OpenAsync(BlockedSubject subject, CancellationToken cancellationToken)
    {
        var path = new QueryText("api/dead-letters").Add("status", "open").Add("subject", subject.Partition).Add("consumer", subject.Consumer).ToString();
        var open = new List<DeadLetter>();
        await foreach (var entry in client.ItemsAsync(path, WireJson.Default.PageDeadLetter, retry, cancellationToken))
        {
            if (entry.Partition == subject.Partition && entry.Consumer == subject.Consumer)
                open.Add(entry);
        }

        return open;
    }

    private async Task<string?> ReplayOnceAsync(BlockedSubject subject, CancellationToken cancellationToken)
    {
        var what = $"the replay of {subject.Partition} at {subject.Consumer}";
        Replay replay;
        var tries = 0;
        try
        {
            replay = await retry.RetryAsync(
                token =>
                {
                    tries++;
                    return StartAsync(subject, token);
                },
                cancellationToken);
        }
        catch (PipelineRefusal refusal) when (refusal.Status is HttpStatusCode.NotFound or HttpStatusCode.Conflict)
        {
            // A try whose answer was lost has started it, and it was over before the next try came; or a delayed retry was faster.
            if (tries > 1 || (await OpenAsync(subject, cancellationToken)).Count == 0)
                return null;

            return $"{what} was refused: {refusal.Message}";
        }

        var (last, lastChange) = (replay, clock.GetTimestamp());
        while (!replay.IsOver)
        {
            if (clock.GetElapsedTime(lastChange) >= stalledAfter)
                return $"{what} ({replay.ReplayId}) is {replay.Status}, and nothing has changed for {stalledAfter.TotalSeconds:0} seconds";

            await Task.Delay(LookEvery, clock, cancellationToken);

            // Another instance may not see yet what this one has just written.
            replay = await retry.RetryAsync(
                token => client.FindAsync(PipelineClient.Path("replays", last.ReplayId), WireJson.Default.Replay, token), cancellationToken) ?? replay;
            if (replay != last)
                (last, lastChange) = (replay, clock.GetTimestamp());
        }

        return replay.Status == "completed" ? null : $"{what} stopped: {replay.Detail ?? "a message failed again"}";
    }

    private Task<Replay> StartAsync(BlockedSubject subject, CancellationToken cancellationToken) => client.SendAsync(
        HttpMethod.Post,
        "api/replays",
        new ReplayRequest(Entry: null, subject.Partition, subject.Consumer),
        WireJson.Default.ReplayRequest,
        WireJson.Default.Replay,
        idempotencyKey: null,
        cancellationToken);
}

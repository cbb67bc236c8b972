using Pipeline.Cli.Sample;
using Pipeline.Client;

namespace Pipeline.Cli.Demo;

/// <summary>Replays blocked subjects, one replay per consumer, and follows each to its end.</summary>
/// <param name="client">The pipeline.</param>
/// <param name="retry">Repeats requests while the pipeline is temporarily unavailable.</param>
/// <param name="clock">The clock.</param>
/// <param name="stalledAfter">The longest time without progress.</param>
/// <param name="begun">When the run began; older dead letters are ignored.</param>
internal sealed class Replaying(PipelineClient client, TransientRetry retry, TimeProvider clock, TimeSpan stalledAfter, DateTimeOffset begun)
{
    private const int Rate = 200;
    private const int MostTries = 3;
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(250);

    private long completed;

    public int Completed => (int)Volatile.Read(ref completed);

    /// <returns>The errors, one sentence each.</returns>
    public async Task<IReadOnlyList<string>> RunAsync(IReadOnlyList<BlockedSubject> subjects, Tally tally, CancellationToken cancellationToken)
    {
        var findings = new List<string>();
        foreach (var consumer in subjects.Select(s => s.Consumer).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))
            findings.AddRange(await ReplayAsync(consumer, tally, cancellationToken));
        return findings;
    }

    /// <summary>A delayed retry that started before the repair can still fail; then the replay is requested again.</summary>
    private async Task<IReadOnlyList<string>> ReplayAsync(string? consumer, Tally tally, CancellationToken cancellationToken)
    {
        for (var tries = 1; ; tries++)
        {
            var findings = await ReplayOnceAsync(consumer, tally, cancellationToken);
            if (findings.Count == 0 || tries == MostTries || !await IsOpenAsync(consumer, "waitingForRetry", cancellationToken))
                return findings;
        }
    }

    private async Task<bool> IsOpenAsync(string? consumer, string status, CancellationToken cancellationToken)
    {
        var query = new DeadLetterQuery { Status = status, Consumer = consumer, From = begun };
        return await client.DeadLetters.ListAsync(query, limit: 1, retry, cancellationToken).AnyAsync(cancellationToken);
    }

    private async Task<IReadOnlyList<string>> ReplayOnceAsync(string? consumer, Tally tally, CancellationToken cancellationToken)
    {
        var request = new PlanReplayRequest { Consumer = consumer, From = begun, Rate = Rate, By = "pipeline demo", Why = "The carrier works again.", Apply = true };
        ReplaySummary replay;
        try
        {
            replay = await retry.RetryAsync(
                token => client.Replays.PlanAsync(request, token),
                cancellationToken);
        }
        catch (PipelineRefusedException refusal)
        {
            // An attempt whose answer was lost has replayed all, or the delayed retries came first.
            return await IsOpenAsync(consumer, "open", cancellationToken) ? [$"the replay at {consumer} was refused: {ClientFailure.TextOf(refusal)}"] : [];
        }

        var before = completed;
        var (last, lastChange) = (replay, clock.GetTimestamp());
        while (!replay.IsOver())
        {
            if (clock.GetElapsedTime(lastChange) >= stalledAfter)
                return [string.Create(CultureInfo.InvariantCulture,
                    $"the replay {replay.ReplayId} at {consumer} is {replay.Status}, and nothing has changed for {stalledAfter.TotalSeconds:0} seconds")];

            await Task.Delay(LookEvery, clock, cancellationToken);
            replay = await retry.RetryAsync(
                token => client.Replays.GetAsync(replay.ReplayId, token), cancellationToken);
            completed = before + replay.Completed;
            tally.Note = $"{Wording.Number(replay.Completed)} of {Wording.Count(replay.Subjects, "subject", "subjects")} replayed.";
            if (replay.Progress() != last.Progress())
                (last, lastChange) = (replay, clock.GetTimestamp());
        }

        completed = before + replay.Completed;
        return replay.Status == ReplayStatus.Completed ? [] : await WhatFailedAsync(replay, cancellationToken);
    }

    private async Task<IReadOnlyList<string>> WhatFailedAsync(ReplaySummary replay, CancellationToken cancellationToken)
    {
        var findings = new List<string>();
        await foreach (var subject in client.Replays.ListSubjectsAsync(replay.ReplayId, retry, cancellationToken))
        {
            if (subject.Status is not (ReplayStatus.Completed or ReplayStatus.Skipped))
                findings.Add($"the replay of {subject.Partition} at {subject.Consumer} {subject.Status}: {subject.Detail ?? "a message failed again"}");
        }

        return findings;
    }
}

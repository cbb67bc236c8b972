using Pipeline.Client;
using Pipeline.Storage;

namespace Pipeline.Replay;

/// <summary>Dry-runs the subjects of a planned replay.</summary>
internal sealed class ReplayDryRuns(ReplayRecords records, SubjectReplays replays)
{
    private const int DryRunsAtOnce = 4;

    /// <summary>
    /// Shows what applying a plan would do with its subjects, each by itself, as things stand; see <see cref="DryRun"/>. One
    /// page; nothing is written.
    /// </summary>
    /// <param name="dryRun">Runs one subject.</param>
    /// <param name="replayId">The replay.</param>
    /// <param name="maxSteps">The most entries to look at in each subject.</param>
    /// <param name="pageSize">Subjects, 1 to 500.</param>
    /// <param name="continuation">Where the page before ended; <see langword="null"/> for the first one.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="StoreUnavailableException">A store is unavailable; running it again is safe.</exception>
    public async Task<(IReadOnlyList<PlannedDryRun> Items, string? Continuation)> RunAsync(
        DryRun dryRun, string replayId, int maxSteps, int pageSize, string? continuation, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(dryRun);
        var (subjects, next) = await records.SubjectsAsync(replayId, pageSize, continuation, cancellationToken);
        var results = new PlannedDryRun[subjects.Count];
        await Parallel.ForEachAsync(
            Enumerable.Range(0, subjects.Count),
            new ParallelOptions { MaxDegreeOfParallelism = DryRunsAtOnce, CancellationToken = cancellationToken },
            async (i, token) => results[i] = await RunAsync(dryRun, subjects[i], maxSteps, token));
        return (results, next);
    }

    private async Task<PlannedDryRun> RunAsync(DryRun dryRun, ReplaySubjectRecord subject, int maxSteps, CancellationToken cancellationToken)
    {
        var start = await replays.EvaluateAsync(subject, cancellationToken);
        if (start.End is { } end)
            return new PlannedDryRun(subject.Number, subject.Partition.Value, subject.Consumer.Value, end.Detail, null);
        var (store, consumer) = start.Where!.Value;
        var result = await dryRun.RunAsync(store, consumer, subject.Partition, start.Entry!.Value, subject.Only ? 1 : maxSteps, cancellationToken);
        return new PlannedDryRun(subject.Number, subject.Partition.Value, subject.Consumer.Value, result.Refusal, result.Value);
    }
}

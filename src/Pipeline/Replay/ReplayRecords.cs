using System.Text.Json;
using Pipeline.Storage;

namespace Pipeline.Replay;

/// <summary>The stored replays: a document for each, and one for each of its subjects in the same partition.</summary>
internal sealed class ReplayRecords(CosmosPartitionStore container)
{
    /// <summary>The most records on one page.</summary>
    public const int MaxPageSize = 500;

    private const int MaxRounds = 50;

    /// <summary>Says that a replay does not exist.</summary>
    public static string NotFound(string replayId) => $"There is no replay '{replayId}'.";

    /// <summary>Each replay has a partition of its own.</summary>
    public static Partition PartitionOf(string replayId) => new(replayId);

    /// <summary>A replay; <see langword="null"/> if it does not exist.</summary>
    public async Task<ReplayRecord?> ReadAsync(string replayId, CancellationToken cancellationToken)
    {
        using var read = await container.ReadItemsAsync(PartitionOf(replayId), [ReplayRecord.RecordId], cancellationToken);
        return read.Find(ReplayRecord.RecordId, ReplayJson.Default.ReplayRecord);
    }

    /// <summary>Subjects of a replay, by number. One that cannot be found is not among them.</summary>
    public async Task<IReadOnlyDictionary<int, ReplaySubjectRecord>> ReadSubjectsAsync(string replayId, IEnumerable<int> numbers, CancellationToken cancellationToken)
    {
        var ids = numbers.ToDictionary(n => n, ReplaySubjectRecord.IdOf);
        using var read = await container.ReadItemsAsync(PartitionOf(replayId), ids.Values, cancellationToken);
        return ids.Select(n => (Number: n.Key, Subject: read.Find(n.Value, ReplayJson.Default.ReplaySubjectRecord)))
            .Where(s => s.Subject is not null)
            .ToDictionary(s => s.Number, s => s.Subject!);
    }

    /// <summary>Changes a replay, unless <paramref name="change"/> says that there is nothing to change.</summary>
    /// <returns>Why it was refused: by the change, or because the replay does not exist; <see langword="null"/> if it was not.</returns>
    public async Task<string?> ChangeAsync(string replayId, Func<ReplayRecord, ReplayChange> change, CancellationToken cancellationToken)
    {
        for (var round = 1; round <= MaxRounds; round++)
        {
            if (await ReadAsync(replayId, cancellationToken) is not { } replay)
                return NotFound(replayId);
            var made = change(replay);
            if (!made.IsMade)
                return made.Refusal;
            var work = new UnitOfWork(PartitionOf(replayId));
            Replace(work, replay);
            if (await CommitAsync(work, cancellationToken))
                return null;
        }

        throw new StoreUnavailableException($"The replay '{replayId}' changes too fast.");
    }

    /// <summary>Writes a unit of work. False if a record of it was changed meanwhile.</summary>
    public async Task<bool> CommitAsync(UnitOfWork work, CancellationToken cancellationToken) =>
        await container.CommitAsync(work, cancellationToken) == CommitOutcome.Committed;

    public static void Replace(UnitOfWork work, ReplayRecord replay)
    {
        var etag = replay.ETag;
        replay.ETag = null;
        work.Replace(replay.Id, etag, replay, ReplayJson.Default.ReplayRecord);
    }

    public static void Replace(UnitOfWork work, ReplaySubjectRecord subject)
    {
        var etag = subject.ETag;
        subject.ETag = null;
        work.Replace(subject.Id, etag, subject, ReplayJson.Default.ReplaySubjectRecord);
    }

    /// <summary>One page of replays, in no order.</summary>
    public async Task<(IReadOnlyList<ReplayRecord> Items, string? Continuation)> PageAsync(int pageSize, string? continuation, CancellationToken cancellationToken)
    {
        await foreach (var page in container.PagesAsync(StoreQueries.Replays(), null, continuation, Math.Clamp(pageSize, 1, MaxPageSize), cancellationToken))
        {
            using (page.Document)
                return ([.. page.Items.Select(i => i.Deserialize(ReplayJson.Default.ReplayRecord)!)], page.Continuation);
        }

        return ([], null);
    }

    /// <summary>One page of the subjects of a replay.</summary>
    public async Task<(IReadOnlyList<ReplaySubjectRecord> Items, string? Continuation)> SubjectsAsync(
        string replayId, int pageSize, string? continuation, CancellationToken cancellationToken)
    {
        await foreach (var page in container.PagesAsync(StoreQueries.ReplaySubjects(), PartitionOf(replayId), continuation, Math.Clamp(pageSize, 1, MaxPageSize), cancellationToken))
        {
            using (page.Document)
                return ([.. page.Items.Select(i => i.Deserialize(ReplayJson.Default.ReplaySubjectRecord)!)], page.Continuation);
        }

        return ([], null);
    }

    /// <summary>The subjects of a replay that are being replayed; a bounded number.</summary>
    public async Task<IReadOnlyList<ReplaySubjectRecord>> RunningAsync(string replayId, CancellationToken cancellationToken)
    {
        using var found = await container.QueryAsync(StoreQueries.RunningReplaySubjects(), PartitionOf(replayId), null, cancellationToken);
        return [.. found.Records.Select(r => r.Deserialize(ReplayJson.Default.ReplaySubjectRecord)!)];
    }

    /// <summary>Ids of all replays that are being applied or stopped.</summary>
    public async Task<IReadOnlyList<string>> RunningReplaysAsync(CancellationToken cancellationToken)
    {
        using var found = await container.QueryAsync(StoreQueries.RunningReplays(), null, null, cancellationToken);
        return [.. found.Records.Select(r => r.GetProperty("pk"u8).GetString()!)];
    }
}

using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Pipeline.Messages;
using Pipeline.Storage;
using Pipeline.Replay;

namespace Pipeline.DeadLetters;

/// <summary>
/// The delayed retry of a ledger entry. The replay that will carry it out is written together with the entry, so that the
/// one never is without the other; the broker keeps its message until it is due.
/// </summary>
/// <param name="RetryAt">When it is due.</param>
/// <param name="Waits">How often in a row it was held because its gateway was unavailable, this time included.</param>
internal readonly record struct DelayedRetry(DateTimeOffset RetryAt, int Waits)
{
    /// <summary>Puts the hold on an entry, and the replay of it into the same commit.</summary>
    public void AddTo(UnitOfWork commit, DeadLetter entry, string container, DateTimeOffset now)
    {
        // The attempt is raised with every failure, so that each hold has a replay of its own, and a repeated step the same.
        var digest = SHA256.HashData(Encoding.UTF8.GetBytes($"{container}\n{entry.Partition}\n{entry.Id}"));
        var id = string.Create(null, $"held-{Convert.ToHexStringLower(digest.AsSpan(0, 8))}-{entry.Attempt}");
        var replay = new SubjectReplayRecord
        {
            Id = Ids.Replay(id),
            Partition = entry.Partition,
            ReplayId = id,
            Consumer = entry.Consumer,
            Only = entry.InOrder ? null : entry.Id,
            Held = entry.Id,
            After = entry.Replay,
            NotBefore = RetryAt,
            Status = ReplayStatus.Applying,
            CreatedAt = now,
        };
        entry.RetryAt = RetryAt;
        entry.Waits = Waits;
        entry.Replay = id;
        commit.Create(replay.Id, JsonSerializer.SerializeToUtf8Bytes(replay, RecordJson.Default.SubjectReplayRecord), CommitOutcome.Moved);
    }
}

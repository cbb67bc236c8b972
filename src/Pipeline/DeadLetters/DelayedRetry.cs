using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Pipeline.Client;
using Pipeline.Storage;

namespace Pipeline.DeadLetters;

/// <summary>
/// The next retry of a failed message. The replay that will carry it out is written together with the dead letter, so that neither exists
/// without the other; the broker keeps the replay's message until it is due.
/// </summary>
/// <param name="RetryAt">When it is due.</param>
/// <param name="Waits">How often in a row the message has waited because its gateway was unavailable, this time included.</param>
internal readonly record struct DelayedRetry(DateTimeOffset RetryAt, int Waits)
{
    /// <summary>Marks a dead letter as waiting for its retry, and adds the replay of it to the same unit of work.</summary>
    public void AddTo(UnitOfWork work, DeadLetter deadLetter, string container, DateTimeOffset now)
    {
        // The attempt is raised with every failure, so that each retry has a replay of its own, and a repeated step the same.
        var digest = SHA256.HashData(Encoding.UTF8.GetBytes($"{container}\n{deadLetter.Partition}\n{deadLetter.Id}"));
        var id = string.Create(null, $"held-{Convert.ToHexStringLower(digest.AsSpan(0, 8))}-{deadLetter.Attempt}");
        var replay = new SubjectReplayRecord
        {
            Id = Ids.Replay(id),
            Partition = deadLetter.Partition,
            ReplayId = id,
            Consumer = deadLetter.Consumer,
            Only = deadLetter.InOrder ? null : deadLetter.Id,
            DelayedRetryOf = deadLetter.Id,
            After = deadLetter.Replay,
            NotBefore = RetryAt,
            Status = ReplayStatus.Applying,
            CreatedAt = now,
        };
        deadLetter.RetryAt = RetryAt;
        deadLetter.Waits = Waits;
        deadLetter.Replay = id;
        work.Create(replay.Id, JsonSerializer.SerializeToUtf8Bytes(replay, DeadLetterJson.Default.SubjectReplayRecord));
    }
}

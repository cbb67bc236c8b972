using Pipeline.Client;
using Pipeline.Failures;
using Pipeline.Storage;

namespace Pipeline.DeadLetters;

/// <summary>
/// Creates, closes and fails dead letters, always in one unit of work with the partition head, so that a dead letter and the block of its
/// subject exist together or not at all.
/// </summary>
/// <param name="consumer">The consumer's name; one that was removed may still have dead letters to close.</param>
/// <param name="store">Its container.</param>
/// <param name="clock">The time.</param>
internal sealed class DeadLetterStore(ConsumerName consumer, IPartitionStore store, TimeProvider clock)
{
    /// <summary>Stores a new dead letter. In order, it blocks its subject or waits behind the one that does.</summary>
    /// <param name="head">The head of its partition.</param>
    /// <param name="deadLetter">The dead letter; its position is set here.</param>
    /// <param name="retry">When it is retried; <see langword="null"/> if it waits for an operator.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public Task<CommitOutcome> AddAsync(PartitionHead head, DeadLetter deadLetter, DelayedRetry? retry, CancellationToken cancellationToken)
    {
        var position = head.ChangePositionOf(consumer);
        deadLetter.Position = PositionOf(deadLetter.Sequence, position);
        position.Entries++;
        if (deadLetter.InOrder)
        {
            position.Open++;
            position.Highest = Math.Max(position.Highest, deadLetter.Sequence ?? 0);
            if (position.Blocked is null || string.CompareOrdinal(deadLetter.Position, position.BlockedPosition) < 0)
            {
                position.Blocked = deadLetter.Id;
                position.BlockedPosition = deadLetter.Position;
            }
        }

        var work = new UnitOfWork(head);
        retry?.AddTo(work, deadLetter, store.Name, clock.GetUtcNow());
        work.CreateGuard(deadLetter.Id.Value, deadLetter, DeadLetterJson.Default.DeadLetter, CommitOutcome.AlreadyDeadLettered);
        return store.CommitAsync(work, cancellationToken);
    }

    /// <summary>
    /// Adds the closing of a dead letter to a unit of work. Its subject is unblocked only when it has no other open dead letter; otherwise the
    /// first of those blocks it from now on, and is the next to be replayed.
    /// </summary>
    /// <param name="work">The unit of work.</param>
    /// <param name="deadLetter">The dead letter.</param>
    /// <param name="result">One of <see cref="DeadLetterResults"/>.</param>
    /// <param name="how">For its history.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public async Task CloseAsync(UnitOfWork work, DeadLetter deadLetter, string result, string how, CancellationToken cancellationToken)
    {
        deadLetter.Open = false;
        deadLetter.Result = result;
        deadLetter.RetryAt = null;
        deadLetter.Note(clock.GetUtcNow(), how);
        work.Replace(deadLetter.Id.Value, deadLetter.ETag, deadLetter, DeadLetterJson.Default.DeadLetter);
        if (!deadLetter.InOrder)
            return;

        var position = work.Head.ChangePositionOf(consumer);
        position.Open--;
        if (position.Open <= 0)
        {
            position.Open = 0;
            position.Blocked = null;
            position.BlockedPosition = null;
        }
        else if (position.Blocked == deadLetter.Id)
        {
            var next = await store.FirstOpenDeadLetterAsync(deadLetter.Partition, consumer, deadLetter.Id, cancellationToken)
                ?? throw new StoreUnavailableException($"The open dead letters behind '{deadLetter.Id}' cannot be read yet.");
            (position.Blocked, position.BlockedPosition) = (next.Id, next.Position);
        }
    }

    /// <summary>Closes a dead letter in a unit of work of its own.</summary>
    public async Task<CommitOutcome> CloseAsync(PartitionHead head, DeadLetter deadLetter, string result, string how, CancellationToken cancellationToken)
    {
        var work = new UnitOfWork(head);
        await CloseAsync(work, deadLetter, result, how, cancellationToken);
        return await store.CommitAsync(work, cancellationToken);
    }

    /// <summary>Closes a dead letter whose message had its effect before: an edit of it came too late, and is reported as such.</summary>
    public Task<CommitOutcome> CloseAlreadyHandledAsync(PartitionHead head, DeadLetter deadLetter, CancellationToken cancellationToken) =>
        CloseAsync(
            head, deadLetter, DeadLetterResults.AlreadyHandled,
            deadLetter.Edits is { Count: > 0 } ? "had been handled before; the edit had no effect" : "had been handled before",
            cancellationToken);

    /// <summary>Notes that a replay ended without an effect and without a failure of the message. The subject stays blocked.</summary>
    /// <param name="head">The head of its partition.</param>
    /// <param name="deadLetter">The dead letter.</param>
    /// <param name="what">For its history.</param>
    /// <param name="reasonIfWaiting">Its reason from now on, if it was waiting for a retry: that is over.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public Task<CommitOutcome> RaiseAttemptAsync(
        PartitionHead head, DeadLetter deadLetter, string what, string reasonIfWaiting, CancellationToken cancellationToken)
    {
        if (deadLetter.RetryAt is not null)
            (deadLetter.RetryAt, deadLetter.Reason) = (null, reasonIfWaiting);
        return RaiseAsync(head, deadLetter, what, null, cancellationToken);
    }

    /// <summary>Notes that a replay failed.</summary>
    /// <param name="head">The head of its partition.</param>
    /// <param name="deadLetter">The dead letter.</param>
    /// <param name="failure">Why.</param>
    /// <param name="retry">When it is retried; <see langword="null"/> if it waits for an operator from now on.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public Task<CommitOutcome> FailAgainAsync(
        PartitionHead head, DeadLetter deadLetter, Failure failure, DelayedRetry? retry, CancellationToken cancellationToken)
    {
        deadLetter.SetFailure(failure);
        deadLetter.RetryAt = null;
        return RaiseAsync(head, deadLetter, $"failed again: {failure.Reason}: {failure.Title} ({WaitText(retry)})", retry, cancellationToken);
    }

    /// <summary>What a dead letter waits for, for people.</summary>
    public static string WaitText(DelayedRetry? retry) => retry is { } r ? $"waiting for retry at {r.RetryAt:u}" : "waiting for an operator";

    private Task<CommitOutcome> RaiseAsync(
        PartitionHead head, DeadLetter deadLetter, string what, DelayedRetry? retry, CancellationToken cancellationToken)
    {
        deadLetter.Attempt++;
        deadLetter.Note(clock.GetUtcNow(), what);
        var work = new UnitOfWork(head);
        retry?.AddTo(work, deadLetter, store.Name, clock.GetUtcNow());
        work.Replace(deadLetter.Id.Value, deadLetter.ETag, deadLetter, DeadLetterJson.Default.DeadLetter);
        return store.CommitAsync(work, cancellationToken);
    }

    /// <summary>By sequence; a message without one stands behind all that came before it, in the order of arrival.</summary>
    private static string PositionOf(long? sequence, ConsumerPosition position)
    {
        if (sequence is { } number)
            return string.Create(CultureInfo.InvariantCulture, $"{number:D19}.{0:D12}");
        var behind = position.Handled.Count == 0 ? position.Highest : Math.Max(position.Highest, position.Handled.Values.Max());
        return string.Create(CultureInfo.InvariantCulture, $"{behind:D19}.{++position.Ordinal:D12}");
    }
}

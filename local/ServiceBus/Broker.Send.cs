using System.Collections.ObjectModel;
using Azure.Messaging.ServiceBus;

namespace Pipeline.Local.ServiceBus;

/// <content>Accepting messages.</content>
internal sealed partial class Broker
{
    private static readonly ReadOnlyDictionary<string, object> NoSession = new(new Dictionary<string, object>
    {
        [ServiceBusReceivedMessage.DeadLetterReasonProperty] = "Session ID is null.",
        [ServiceBusReceivedMessage.DeadLetterErrorDescriptionProperty] =
            "The subscription requires sessions, and the message was sent without a session id.",
    });

    private readonly List<Copy> _copies = [];
    private readonly List<Accepted> _accepted = [];
    private readonly HashSet<MessageDigest> _acceptedDigests = [];

    /// <summary>
    /// Accepts messages at a queue or topic: all of them or none. Returns their numbers, by which what is scheduled can be
    /// cancelled.
    /// </summary>
    public async Task<IReadOnlyList<long>> SendAsync(
        string path, IReadOnlyList<ServiceBusMessage> messages, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var (entity, stored) = Check(path, messages);
        if (OnSend is null)
            return Accept(entity, stored);
        var fault = await OnSend(entity.Name, messages);
        if (fault is { IsAccepted: false, Error: { } refused })
            throw refused;
        var numbers = Accept(entity, stored);
        return fault.Error is { } lost ? throw lost : numbers;
    }

    /// <summary>Takes scheduled messages back: all of them or none.</summary>
    public void CancelScheduled(string path, IReadOnlyList<long> sequenceNumbers)
    {
        var entity = Destination(path);
        using var held = Enter(out _);
        _journal.Begin();
        var cancelled = new List<ScheduledMessage>(sequenceNumbers.Count);
        foreach (var number in sequenceNumbers.Distinct())
        {
            if (!entity.Scheduled.TryGetValue(number, out var scheduled))
            {
                throw new ServiceBusException(
                    $"No message is scheduled under {number}.", ServiceBusFailureReason.MessageNotFound, entity.Path);
            }

            cancelled.Add(scheduled);
            _journal.Unschedule(scheduled);
        }

        Commit(entity);
        foreach (var scheduled in cancelled)
            Unschedule(scheduled);
    }

    /// <summary>Enqueues a scheduled message whose time has come, as if it had been sent now.</summary>
    internal void EnqueueScheduled(ScheduledMessage scheduled, DateTimeOffset now)
    {
        var stored = scheduled.Stored.Again();
        _copies.Clear();
        _journal.Begin();
        _journal.Unschedule(scheduled);
        Stamp(scheduled.Entity, stored, now);
        Route(scheduled.Entity, stored);
        if (_copies.Count > 0)
            _journal.Enqueue(stored, _copies, 0, _copies.Count);
        _journal.Commit();
        Unschedule(scheduled);
        Enqueue(_copies);
    }

    private BrokerEntity Destination(string path)
    {
        var entity = Entity(path);
        if (entity is BrokerQueue { DeadLetters: null } || !string.Equals(entity.Name, entity.Path, StringComparison.Ordinal))
            throw new InvalidOperationException($"Nothing can be sent to '{path}': send to its queue or topic.");
        return entity;
    }

    private (BrokerEntity Entity, StoredMessage[] Stored) Check(string path, IReadOnlyList<ServiceBusMessage> messages)
    {
        var entity = Destination(path);
        var size = messages.Count > 1 ? MessageSize.BatchEnvelopeBytes : 0;
        var stored = new StoredMessage[messages.Count];
        for (var i = 0; i < stored.Length; i++)
        {
            var message = messages[i];
            if (message.TimeToLive != TimeSpan.MaxValue)
                throw new NotSupportedException("The embedded broker does not expire messages: leave TimeToLive at its default.");
            if (message.TransactionPartitionKey is not null)
                throw new NotSupportedException("The embedded broker has no transactions: leave TransactionPartitionKey unset.");
            if (message.SessionId is null && entity is BrokerQueue { RequiresSession: true })
                throw new InvalidOperationException($"'{entity.Name}' requires sessions: a message sent to it needs a SessionId.");
            size += messages.Count > 1 ? MessageSize.InBatch(message) : MessageSize.Of(message);
            stored[i] = StoredMessage.Of(message);
        }

        if (size > MessageSize.MaxBytes)
        {
            throw new ServiceBusException(
                $"The message or batch has about {size} bytes; the limit is {MessageSize.MaxBytes}.",
                ServiceBusFailureReason.MessageSizeExceeded,
                entity.Path);
        }

        return (entity, stored);
    }

    private long[] Accept(BrokerEntity entity, StoredMessage[] messages)
    {
        using var held = Enter(out var now);
        _copies.Clear();
        _accepted.Clear();
        _acceptedDigests.Clear();
        _journal.Begin();
        var numbers = new long[messages.Length];
        for (var i = 0; i < messages.Length; i++)
            numbers[i] = Plan(entity, messages[i], now);
        foreach (var (stored, scheduled, first, count) in _accepted)
        {
            if (scheduled is not null)
                _journal.Schedule(scheduled);
            else if (count > 0)
                _journal.Enqueue(stored, _copies, first, count);
        }

        Commit(entity);
        foreach (var digest in _acceptedDigests)
            entity.History!.Add(digest, now.UtcTicks);
        foreach (var (_, scheduled, _, _) in _accepted)
        {
            if (scheduled is not null)
                Schedule(scheduled);
        }

        Enqueue(_copies);
        return numbers;
    }

    /// <summary>Works out what a message becomes; returns its number. Nothing is changed but the next numbers.</summary>
    private long Plan(BrokerEntity entity, StoredMessage stored, DateTimeOffset now)
    {
        if (entity.History is { } history && stored.Digest is { } digest)
        {
            // A duplicate is accepted like any other message, and then dropped.
            if (history.Contains(digest, now.UtcTicks) || !_acceptedDigests.Add(digest))
                return entity.NextSequenceNumber++;
            _journal.Accepted(entity, digest, now.UtcTicks);
        }

        if (stored.ScheduledEnqueueTime > now)
        {
            var scheduled = new ScheduledMessage(entity, entity.NextSequenceNumber++, stored);
            _accepted.Add(new Accepted(stored, scheduled, 0, 0));
            return scheduled.SequenceNumber;
        }

        var number = Stamp(entity, stored, now);
        var first = _copies.Count;
        Route(entity, stored);
        PlanDuplicates(first);
        var count = _copies.Count - first;
        _accepted.Add(new Accepted(stored, null, first, count));
        PlanLateDuplicates(first, count);
        return number;
    }

    private static long Stamp(BrokerEntity entity, StoredMessage stored, DateTimeOffset now)
    {
        stored.EnqueuedTime = now;
        return stored.EnqueuedSequenceNumber = entity.NextSequenceNumber++;
    }

    private void Route(BrokerEntity entity, StoredMessage stored)
    {
        if (entity is BrokerQueue queue)
        {
            _copies.Add(new Copy(queue, new BrokerMessage(stored.EnqueuedSequenceNumber, stored)));
            return;
        }

        foreach (var subscription in ((BrokerTopic)entity).Match(stored.Properties))
        {
            var message = new BrokerMessage(subscription.NextSequenceNumber++, stored);
            if (!subscription.RequiresSession || stored.SessionId is not null)
            {
                _copies.Add(new Copy(subscription, message));
                continue;
            }

            message.Properties = With(stored.Properties, NoSession);
            _copies.Add(new Copy(subscription.DeadLetters!, message));
        }
    }

    private void Enqueue(List<Copy> copies)
    {
        foreach (var (queue, message) in copies)
            Enqueue(queue, message);

        // Only now, so that a receiver who waits for several messages gets all that came together.
        foreach (var (queue, message) in copies)
            Dispatch(queue, message.Session);
    }

    private void Schedule(ScheduledMessage scheduled)
    {
        scheduled.Entity.Scheduled.Add(scheduled.SequenceNumber, scheduled);
        _journal.Counted(scheduled.Stored, 1);
        _due.Set(scheduled, scheduled.Stored.ScheduledEnqueueTime.UtcTicks);
    }

    private void Unschedule(ScheduledMessage scheduled)
    {
        scheduled.Entity.Scheduled.Remove(scheduled.SequenceNumber);
        _journal.Counted(scheduled.Stored, -1);
        _due.Remove(scheduled);
    }

    /// <summary>What an accepted message becomes: scheduled, or a range of <see cref="_copies"/>.</summary>
    private readonly record struct Accepted(StoredMessage Stored, ScheduledMessage? Scheduled, int FirstCopy, int CopyCount);
}

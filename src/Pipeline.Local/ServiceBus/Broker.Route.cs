using System.Runtime.Serialization;

namespace Pipeline.Local.ServiceBus;

/// <content>From the entity that a message is sent to, to the queues where it can be received.</content>
internal sealed partial class Broker
{
    /// <summary>Entities that a message may be forwarded to, one after the other.</summary>
    private const int MaxHops = 4;

    /// <summary>
    /// Plans the copies that a message becomes at a queue or topic. Forwarding is part of it: a message is never seen where
    /// it is forwarded from.
    /// </summary>
    private void Route(BrokerEntity entity, StoredMessage stored, in Transfer transfer)
    {
        if (entity is BrokerQueue queue)
        {
            Arrive(queue, transfer.Hops == 0 ? stored.EnqueuedSequenceNumber : queue.NextSequenceNumber++, stored, transfer);
            return;
        }

        foreach (var match in ((BrokerTopic)entity).Match(stored, transfer.Properties ?? stored.Properties, NextGuid))
        {
            var number = match.Subscription.NextSequenceNumber++;
            if (match.Failure is { } failure)
                DeadLetterArrival(match.Subscription, number, stored, transfer, failure);
            else if (match.Changed is not { } changed)
                Arrive(match.Subscription, number, stored, transfer);
            else
                ArriveChanged(match.Subscription, number, changed, transfer with { Properties = null });
        }
    }

    /// <summary>A copy that a rule's action has changed, which may have made it larger than may be.</summary>
    private void ArriveChanged(BrokerQueue subscription, long number, StoredMessage changed, in Transfer transfer)
    {
        try
        {
            MessageSize.CheckProperties(changed.Properties);
        }
        catch (SerializationException)
        {
            DeadLetterArrival(subscription, number, changed, transfer, DeadLetterCause.HeaderSizeExceeded);
            return;
        }

        Arrive(subscription, number, changed, transfer with { ExpiresTicks = Math.Min(transfer.ExpiresTicks, changed.ExpiresTicks(changed.TimeToLive)) });
    }

    private void Arrive(BrokerQueue queue, long number, StoredMessage stored, in Transfer transfer)
    {
        var limited = Limited(queue, stored, transfer);
        if (queue.ForwardTo is { } next)
            Forward(queue, next, number, stored, limited);
        else if (queue.RequiresSession && stored.SessionId is null)
            DeadLetterArrival(queue, number, stored, limited, DeadLetterCause.NoSession);
        else
            _copies.Add(new Copy(queue, NewMessage(number, stored, limited)));
    }

    private void Forward(BrokerQueue from, BrokerEntity to, long number, StoredMessage stored, in Transfer transfer)
    {
        if (transfer.Hops == MaxHops)
            DeadLetterArrival(from, number, stored, transfer, DeadLetterCause.TooManyHops);
        else if (stored.SessionId is null && to is BrokerQueue { RequiresSession: true, ForwardTo: null })
            DeadLetterArrival(from, number, stored, transfer, DeadLetterCause.NoSession);
        else if (AcceptId(to, stored, stored.EnqueuedTime))
            Route(to, stored, Limited(to, stored, transfer) with { Hops = transfer.Hops + 1 });
    }

    /// <summary>A message that is dead-lettered instead of arriving.</summary>
    private void DeadLetterArrival(BrokerQueue queue, long number, StoredMessage stored, in Transfer transfer, in DeadLetterCause cause)
    {
        var dead = transfer with { Properties = With(transfer.Properties ?? stored.Properties, cause.Properties()) };
        if (queue.ForwardDeadLettersTo is { } target)
            ForwardDeadLetter(queue, target, stored, dead);
        else
            _copies.Add(new Copy(queue.DeadLetters!, NewMessage(number, stored, dead)));
    }

    /// <summary>A dead letter on its way; hops are counted anew, and where the topology has no cycles they come to an end.</summary>
    private void ForwardDeadLetter(BrokerQueue from, BrokerEntity to, StoredMessage stored, in Transfer dead)
    {
        var transfer = dead with { Hops = 1, DeadLetterSource = from.Path };
        if (stored.SessionId is null && to is BrokerQueue { RequiresSession: true, ForwardTo: null })
            _copies.Add(new Copy(from.DeadLetters!, NewMessage(from.NextSequenceNumber++, stored, dead)));
        else
            Route(to, stored, Limited(to, stored, transfer));
    }

    private static Transfer Limited(BrokerEntity entity, StoredMessage stored, in Transfer transfer)
    {
        var own = stored.ExpiresTicks(stored.TimeToLive < entity.TimeToLive ? stored.TimeToLive : entity.TimeToLive);
        return own < transfer.ExpiresTicks ? transfer with { ExpiresTicks = own } : transfer;
    }

    private static BrokerMessage NewMessage(long number, StoredMessage stored, in Transfer transfer) =>
        new(number, stored)
        {
            Properties = transfer.Properties ?? stored.Properties,
            ExpiresTicks = transfer.ExpiresTicks,
            DeadLetterSource = transfer.DeadLetterSource,
        };

    /// <summary>What a message takes along on its way through entities.</summary>
    /// <param name="Properties">Its properties, if they are not the sender's any more.</param>
    /// <param name="ExpiresTicks">When it expires, by the entities so far.</param>
    /// <param name="Hops">Entities that it has been forwarded to.</param>
    /// <param name="DeadLetterSource">Where it was dead-lettered and forwarded from.</param>
    private readonly record struct Transfer(
        IReadOnlyDictionary<string, object>? Properties, long ExpiresTicks, int Hops, string? DeadLetterSource)
    {
        public static readonly Transfer None = new(null, BrokerMessage.Never, 0, null);
    }
}

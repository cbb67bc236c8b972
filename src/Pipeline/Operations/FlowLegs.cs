using Pipeline.Client;
using Pipeline.Messages;
using Pipeline.Storage;

namespace Pipeline.Operations;

/// <summary>
/// The legs of a flow that are still open in the broker: what handlings have sent, at each consumer that the topology expects to get
/// it and that has not handled it. Nothing is stored for them: they are what is left over.
/// </summary>
public static class FlowLegs
{
    /// <summary>How long after its commit a message that is nowhere may still be on its way between outbox, broker and effect.</summary>
    private static readonly TimeSpan OnItsWay = TimeSpan.FromMinutes(1);

    /// <summary>The open legs, oldest first.</summary>
    /// <param name="handled">All handlings of the flow.</param>
    /// <param name="open">What of it is in outboxes and among dead letters.</param>
    /// <param name="listeners">Who gets what.</param>
    /// <param name="catalog">All messages.</param>
    /// <param name="broker">What waits in the broker.</param>
    public static IReadOnlyList<PendingMessage> Of(
        IReadOnlyCollection<HandledMessageSummary> handled, IReadOnlyCollection<PendingMessage> open, Listeners listeners, MessageCatalog catalog, BrokerContents broker)
    {
        ArgumentNullException.ThrowIfNull(listeners);
        var done = handled.SelectMany(h => KeysOf(new ConsumerName(h.Consumer), new CloudEventId(h.EventId), h.Source, h.Subject, h.Sequence))
            .Concat(open.Where(o => o.Consumer is not null).SelectMany(o => KeysOf(new ConsumerName(o.Consumer!), new CloudEventId(o.EventId), o.Source, o.Subject, o.Sequence)))
            .ToHashSet();
        var published = handled.Where(h => h.PublishedAt is not null).ToLookup(h => h.EventId, h => h.PublishedAt, StringComparer.Ordinal);

        // Not sent yet, given up before, or shown as an event without a consumer: there are no legs then. What only Event Grid lacks has those of Service Bus.
        var unsent = open.Where(o => o.State is PendingMessage.Unpublished or PendingMessage.Quarantined or PendingMessage.Discarded or PendingMessage.Published && o.Consumer != PendingMessage.EventGrid && !IsAtConsumer(o, listeners))
            .Select(o => o.EventId).ToHashSet(StringComparer.Ordinal);
        var atEventGrid = open.Where(o => o.Consumer == PendingMessage.EventGrid).Select(o => o.EventId).ToHashSet(StringComparer.Ordinal);
        var legs = new List<PendingMessage>();
        foreach (var cause in handled)
        {
            foreach (var (id, type) in cause.Caused.Zip(cause.CausedTypes).Where(sent => !unsent.Contains(sent.First)))
            {
                var leg = LegOf(cause, id, type, catalog);
                if (!listeners.Any(type))
                {
                    legs.Add(leg with { State = PendingMessage.Published, WaitingSince = null, Reason = "No consumer gets events of this type." });
                    continue;
                }

                foreach (var listener in listeners.Of(type))
                {
                    if ((listener.IsByEventGrid && atEventGrid.Contains(id)) || KeysOf(new ConsumerName(listener.Consumer), new CloudEventId(id), leg.Source!, leg.Subject, leg.Sequence).Any(done.Contains))
                        continue;
                    legs.Add(At(leg with { Consumer = listener.Consumer, PublishedAt = published[id].FirstOrDefault() }, listener, broker));
                }
            }
        }

        return [.. legs.OrderBy(l => l.CommittedAt)];
    }

    private static bool IsAtConsumer(PendingMessage step, Listeners listeners) =>
        step.State == PendingMessage.Discarded && step.Type is { } type && listeners.Of(type).Any(l => l.Consumer == step.Consumer);

    /// <summary>What a consumer knows a message by: its id, and its place, which versions of one event share.</summary>
    private static IEnumerable<(ConsumerName Consumer, string Source, string Key)> KeysOf(ConsumerName consumer, CloudEventId eventId, string? source, string? subject, long? sequence)
    {
        yield return (consumer, source ?? "", eventId.Value);
        if (sequence is { } number)
            yield return (consumer, source ?? "", string.Create(CultureInfo.InvariantCulture, $"{subject}\n{number}"));
    }

    private static PendingMessage LegOf(HandledMessageSummary cause, string id, string type, MessageCatalog catalog)
    {
        var isFact = catalog.Find(type)?.Kind == MessageKind.Event;
        return new PendingMessage
        {
            State = PendingMessage.Waiting,
            Consumer = null,
            Container = cause.Container,
            Partition = cause.Partition,
            EventId = id,
            Type = type,
            Source = cause.Container,
            Subject = isFact ? cause.Partition : null,
            Sequence = isFact ? NumberIn(id) : null,
            CausationId = cause.EventId,
            CommittedAt = cause.HandledAt,
            WaitingSince = cause.HandledAt,
        };
    }

    private static PendingMessage At(PendingMessage leg, Listener listener, BrokerContents broker)
    {
        leg = leg with { WaitingSince = leg.PublishedAt ?? leg.CommittedAt };
        if (listener.IsByEventGrid)
            return leg with { Reason = "published to Event Grid, which delivers it; how often it has tried, it does not tell" };
        var queue = broker.Of(new ConsumerName(listener.Consumer));
        if (queue?.Messages.FirstOrDefault(m => m.MessageId == leg.EventId) is { } message)
        {
            return leg with
            {
                PublishedAt = message.Since,
                WaitingSince = message.Since,
                DeliveryCount = message.Deliveries,
                Subject = leg.Subject ?? message.Subject,
                Reason = "in the broker" + (queue.Status.Detail is { } why ? $": {why}" : ""),
            };
        }

        if (queue?.DeadLetters.Any(m => m.MessageId == leg.EventId) == true)
            return leg with { Reason = "in the dead-letter queue of the broker, until the dead-letter queue processor has stored it" };
        if (broker.Error is not null || queue is null || queue.Status.Problem == QueueStatus.Unreachable)
            return leg with { Reason = $"published; whether the broker still has it is not known: {queue?.Status.Detail ?? broker.Error ?? "it was not looked at"}" };
        if (queue.Status.More)
            return leg with { Reason = "in the broker, behind more messages than are looked at" + (queue.Status.Detail is { } detail ? $": {detail}" : "") };
        return broker.LookedAt - leg.CommittedAt < OnItsWay
            ? leg with { Reason = "on its way" }
            : leg with { State = PendingMessage.Missing, Reason = "neither handled, nor in the broker, nor a dead letter: it was published and is lost, or its outbox record was" };
    }

    /// <summary>The number in an event's id, <c>service:partition:number</c> with perhaps a version behind it.</summary>
    private static long? NumberIn(string id)
    {
        var number = id.AsSpan(id.LastIndexOf(':') + 1);
        var dot = number.IndexOf('.');
        return long.TryParse(dot < 0 ? number : number[..dot], NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : null;
    }
}

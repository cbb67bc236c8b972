using System.Text;

namespace Pipeline.Local.ServiceBus;

/// <content>What an operator of a local pipeline sees of the namespace. Everything here only looks.</content>
internal sealed partial class Broker
{
    private const int MaxBodyExcerptBytes = 1024;

    /// <summary>All entities but the dead-letter queues, which are counts of theirs.</summary>
    public IReadOnlyList<EntityView> Overview()
    {
        using var held = Enter(out _);
        return
        [
            .. _entities.Where(entity => entity is not BrokerQueue { DeadLetters: null }).Select(entity =>
            {
                var counts = CountsOf(entity);
                var queue = entity as BrokerQueue;
                return new EntityView(
                    entity.Name,
                    queue is null ? "topic" : entity.Path == entity.Name ? "queue" : "subscription",
                    counts.Active,
                    counts.Locked,
                    counts.DeadLettered,
                    counts.Scheduled,
                    counts.Deferred,
                    Transfer: 0,
                    queue?.RequiresSession ?? false,
                    queue?.Sessions.Count ?? 0,
                    queue?.ForwardTo?.Name);
            }),
        ];
    }

    /// <summary>Whether there is a queue, subscription or dead-letter queue of that name.</summary>
    public bool IsReceivable(string entity) => _byPath.GetValueOrDefault(entity) is BrokerQueue;

    /// <summary>Sessions of an entity that have messages, a lock or a state; none where there are no sessions.</summary>
    public IReadOnlyList<SessionView> Sessions(string entity, int top)
    {
        using var held = Enter(out _);
        return
        [
            .. Queue(entity).Sessions.Values.Take(top).Select(session => new SessionView(
                session.Id, session.Count, session.Lock?.Locked.Count ?? 0, session.Lock?.LockedUntil, session.State?.ToMemory().Length ?? 0)),
        ];
    }

    /// <summary>Ids of the sessions that have messages or a state, in order.</summary>
    public IReadOnlyList<string> SessionIds(string entity, int skip, int top)
    {
        using var held = Enter(out _);
        return [.. Queue(entity).Sessions.Values.Where(s => s.Count > 0 || s.State is not null).Select(s => s.Id).Order(StringComparer.Ordinal).Skip(skip).Take(top)];
    }

    /// <summary>Messages of an entity from a sequence number on, with the first bytes of their bodies.</summary>
    public IReadOnlyList<MessageView> PeekForInspection(string entity, int top, long fromSequenceNumber)
    {
        // Views are made outside of the lock: what has been peeked does not change.
        return [.. Peek(entity, null, top, fromSequenceNumber).Select(message => new MessageView(
            message.SequenceNumber,
            message.State.ToString(),
            message.MessageId,
            message.SessionId,
            message.EnqueuedTime,
            message.ExpiresAt == DateTimeOffset.MaxValue ? null : message.ExpiresAt,
            message.DeliveryCount,
            message.Subject,
            message.ContentType,
            message.CorrelationId,
            message.DeadLetterReason,
            message.DeadLetterErrorDescription,
            message.ApplicationProperties.ToDictionary(p => p.Key, p => TextOf(p.Value), StringComparer.Ordinal),
            message.Body.ToMemory().Length,
            Excerpt(message.Body.ToMemory().Span)))];
    }

    private static string? TextOf(object? value) => value switch
    {
        byte[] bytes => Convert.ToBase64String(bytes),
        DateTime time => time.ToString("O", CultureInfo.InvariantCulture),
        DateTimeOffset time => time.ToString("O", CultureInfo.InvariantCulture),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture),
    };

    private static string Excerpt(ReadOnlySpan<byte> body)
    {
        var end = Math.Min(body.Length, MaxBodyExcerptBytes);

        // Not in the middle of a character.
        while (end < body.Length && end > 0 && (body[end] & 0xC0) == 0x80)
            end--;
        return Encoding.UTF8.GetString(body[..end]);
    }
}

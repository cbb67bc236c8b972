using Pipeline.DeadLetters;
using Pipeline.Storage;

namespace Pipeline.Consumers;

/// <summary>Which records of a partition the handling of a message reads.</summary>
internal static class MessageRecords
{
    /// <summary>Ids of the records of one message, and of the consumer's state.</summary>
    public static IEnumerable<string> Of(HandlerInvoker handlers, ParsedMessage message, PartitionHead head)
    {
        yield return message.InboxId;
        if (head.PositionOf(handlers.Name).Entries > 0)
            yield return message.DeadLetterId.Value;
        if (message.Received.ReplayOf is { } replayOf)
            yield return replayOf.Value;
        foreach (var id in handlers.StateRecordsOf(head))
            yield return id;
    }

    /// <summary>Ids of the records of many messages, and of the consumer's state.</summary>
    public static IEnumerable<string> Of(HandlerInvoker handlers, IReadOnlyList<ParsedMessage> messages, PartitionHead head)
    {
        var ids = messages.Select(m => m.InboxId).Concat(handlers.StateRecordsOf(head));
        return head.PositionOf(handlers.Name).Entries > 0 ? ids.Concat(messages.Select(m => m.DeadLetterId.Value)) : ids;
    }

    /// <summary>The dead letter that a message replays; <see langword="null"/> if it is not a replay, or the dead letter does not exist.</summary>
    /// <exception cref="DamagedPartitionException">The dead letter cannot be read.</exception>
    public static DeadLetter? ReplayedIn(PartitionRead read, ParsedMessage message) =>
        message.Received.ReplayOf is { } id ? read.Find(id, DeadLetterJson.Default.DeadLetter) : null;
}

using Pipeline.DeadLetters;
using Pipeline.Messages;
using Pipeline.Storage;
using Pipeline.State;

namespace Pipeline.Consumers;

/// <summary>A delivery, read once: the message with its data, or why it cannot be one, and the keys that it is known by.</summary>
internal sealed partial class ParsedMessage
{
    private readonly string _key;
    private IReadOnlyList<string> _partitions = [];
    private string? _replayId;

    private ParsedMessage(ReceivedMessage delivery, string partition, IncomingMessage? message, string key)
    {
        _key = key;
        Received = delivery;
        Partition = partition;
        Message = message;
        InboxId = Ids.Inbox(key);
        EntryId = Ids.LedgerEntry(key);
        _replayId = delivery.ReplayOf is null ? null : delivery.ReplayId;
    }

    public ReceivedMessage Received { get; }

    public string Partition { get; }

    /// <summary><see langword="null"/> if the body is no event.</summary>
    public IncomingMessage? Message { get; }

    public string InboxId { get; }

    public string EntryId { get; }

    /// <summary>The replay that it came by, also where it is handled as if it came for the first time.</summary>
    public string? ReplayId => _replayId;

    /// <summary>The data as its handler wants it; <see langword="null"/> if the message is poison, or before it was resolved.</summary>
    public object? Data { get; private set; }

    /// <summary>The record that stands for the message in the catalog, in the version that the handler is for.</summary>
    public Type? HandledAs { get; private set; }

    /// <summary>Whether its consumer says which partitions it concerns; only known once it was read and resolved.</summary>
    public bool HasPartitions => _partitions.Count > 0;

    /// <summary>Why no attempt to handle it can succeed.</summary>
    public (string Reason, string Description)? Poison { get; private set; }

    public static ParsedMessage Read(Consumer consumer, ReceivedMessage delivery, MessageCatalog catalog)
    {
        if (!IncomingMessage.TryRead(delivery.Body, out var message, out var reason, out var description))
        {
            return new ParsedMessage(
                delivery, PartitionOf(delivery, null), null, Ids.PoisonKey(consumer.Name, delivery.ReplayOf ?? delivery.MessageId, delivery.Body))
            {
                Poison = (reason, description),
            };
        }

        var arrival = new ParsedMessage(delivery, PartitionOf(delivery, message), message, Ids.InboxKey(consumer.Name, message));
        arrival.ReadData(consumer, catalog, message);
        return arrival;
    }

    /// <summary>The same message as it concerns one of several partitions. Its records there are told apart from those in the others.</summary>
    public ParsedMessage In(string partition) => new(Received, partition, Message, Ids.InPartition(_key, partition)) { Data = Data, HandledAs = HandledAs, _replayId = _replayId };

    /// <summary>
    /// The message, once for each partition that it concerns. A replay is of one entry, in the partition that it was sent to.
    /// </summary>
    public IReadOnlyList<ParsedMessage> Parts()
    {
        if (!HasPartitions)
            return [this];
        return Received.ReplayOf is null
            ? [.. _partitions.Select(In)]
            : [In(Partition)];
    }

    /// <summary>The same message as if it came for the first time.</summary>
    public ParsedMessage WithoutReplay() =>
        new(Received with { Properties = Received.GivenBackAlone }, Partition, Message, _key)
        {
            Data = Data,
            HandledAs = HandledAs,
            _partitions = _partitions,
            _replayId = _replayId,
        };

    /// <summary>What a handler is told about the message.</summary>
    public HandlerContext ContextAt(DateTimeOffset now) => new()
    {
        MessageId = Message!.Id,
        CorrelationId = Message.CorrelationId,
        Partition = Partition,
        Now = now,
        SentAt = Message.Time,
        Source = Message.Source,
        Sequence = Message.Sequence,
        TraceParent = System.Diagnostics.Activity.Current?.Id ?? Message.TraceParent,
    };

    /// <summary>
    /// Reads an event that did not come through the broker, and so has no session: the contract's ordering key says where
    /// it belongs, whatever the sender calls its subject.
    /// </summary>
    public static ParsedMessage ReadForeign(Consumer consumer, ReadOnlyMemory<byte> body, MessageCatalog catalog)
    {
        var arrival = Read(consumer, new ReceivedMessage { Body = body, SessionId = null, DeliveryCount = 0 }, catalog);
        if (arrival is not { Data: not null, Message: { } message })
        {
            // Data elsewhere is for our own messages: nobody outside has anything in our payload store.
            arrival.Poison ??= (DeadLetterReasons.ContractViolation, "The event has no data.");
            return arrival;
        }

        var (key, wrong) = arrival.KeyIn(catalog);
        if (wrong is not null)
            arrival.Poison = (DeadLetterReasons.ContractViolation, wrong);
        else if (Ids.PartitionError(key) is { } why)
            arrival.Poison = (DeadLetterReasons.ContractViolation, $"The ordering key '{key}', which the data makes, {why}.");
        else if (message.Sequence is not null)
            arrival.Poison = (DeadLetterReasons.ContractViolation, "The event has a 'sequence', which only the services here number their facts with.");
        else
            return new ParsedMessage(arrival.Received with { SessionId = key, MessageId = message.Id }, key!, message, Ids.InboxKey(consumer.Name, message)) { Data = arrival.Data, HandledAs = arrival.HandledAs };
        return arrival;
    }

    /// <summary>
    /// The ordering key that the contract takes from the data, which is held against the whole contract, whatever its consumer
    /// reads of it: what comes from outside, or from an operator, has to be all right for everybody.
    /// </summary>
    public (string? Key, string? Wrong) KeyIn(MessageCatalog catalog)
    {
        var type = catalog.Find(Message!.Type)!;
        return ReadWhole(type, Message.Data!, out var wrong) is { } whole ? (type.Key(whole), null) : (null, wrong);
    }

    /// <summary>
    /// Rule 2: a message of which nothing tells whether it was handled, or nothing would tell for long enough, never reaches the handler.
    /// What has its place in order, by a sequence, is looked for there; everything else has an age, by the sender's clock.
    /// </summary>
    public (string Reason, string Description)? Rule2Error(
        Consumer consumer, ConsumerPosition position, bool isReplay, DateTimeOffset now, ConsumerOptions options)
    {
        if (Message is not { } message)
            return null;
        if (!consumer.IsUnordered && message.Sequence is { } sequence)
        {
            var handled = position.Handled.GetValueOrDefault(message.Source);
            return sequence <= handled
                ? (DeadLetterReasons.OutOfOrder, string.Create(CultureInfo.InvariantCulture, $"Sequence {sequence} of '{message.Source}' comes after {handled} was handled, and no inbox record tells of it."))
                : null;
        }

        if (isReplay || message.Time is not { } time)
            return null;
        if (now - time > options.InboxTimeToLive)
            return (DeadLetterReasons.Expired, string.Create(CultureInfo.InvariantCulture, $"Sent {time:O}, before the oldest inbox record that is kept."));
        return time - now > options.MaxClockSkew
            ? (DeadLetterReasons.DatedAhead, string.Create(
                CultureInfo.InvariantCulture,
                $"Its time is {time:O}, {time - now:g} ahead of this clock; at most {options.MaxClockSkew:g} is taken. Set the sender's clock right, and send it again or replay it."))
            : null;
    }

    /// <summary>The record of its handling.</summary>
    public InboxRecord InboxRecordOf(
        Consumer consumer, HandlerContext context, long commit, IReadOnlyList<SentMessage> caused, ConsumerOptions options) => new()
        {
            Id = InboxId,
            Partition = Partition,
            TtlSeconds = options.MemorySeconds(Message!.Time, context.Now),
            Consumer = consumer.Name,
            EventId = context.MessageId,
            Type = Message.Type,
            Source = Message.Source,
            Subject = Message.Subject,
            Sequence = context.Sequence,
            CorrelationId = context.CorrelationId,
            CausationId = Message.CausationId,
            CommittedAt = Message.Time,
            PublishedAt = Received.EnqueuedAt,
            HandledAt = context.Now,
            Commit = commit,
            DeliveryCount = Received.DeliveryCount,
            Caused = [.. caused.Select(c => c.Id)],
            CausedTypes = [.. caused.Select(c => c.Type)],
            Replay = ReplayId,

            // Only what comes from our own ledger can have been edited there, whatever others write into their events.
            Edit = ReplayId is null ? null : Message.EditId,
            EditedBy = ReplayId is null ? null : Message.EditedBy,
        };

    /// <summary>Messages always come with their session; only what the broker itself dead-lettered for lack of one has to be placed.</summary>
    private static string PartitionOf(ReceivedMessage delivery, IncomingMessage? message)
    {
        if (Ids.PartitionError(delivery.SessionId) is null)
            return delivery.SessionId!;
        return Ids.PartitionError(message?.Subject) is null ? message!.Subject! : "without-session";
    }
}

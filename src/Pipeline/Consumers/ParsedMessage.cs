using System.Diagnostics;
using Pipeline.Decisions;
using Pipeline.Failures;
using Pipeline.Inbox;
using Pipeline.Messages;
using Pipeline.Storage;

namespace Pipeline.Consumers;

/// <summary>A received message, parsed once: the event with its data, or why it cannot be read, and the keys of its records. Made by <see cref="MessageParser"/>.</summary>
internal sealed class ParsedMessage
{
    private readonly string _key;

    public ParsedMessage(ReceivedMessage received, Partition partition, IncomingMessage? message, string key)
    {
        _key = key;
        Received = received;
        Partition = partition;
        Message = message;
        InboxId = Ids.Inbox(key);
        DeadLetterId = Ids.DeadLetter(key);
        ReplayId = received.ReplayOf is null ? null : received.ReplayId;
    }

    public ReceivedMessage Received { get; }

    public Partition Partition { get; }

    /// <summary><see langword="null"/> if the body is not an event.</summary>
    public IncomingMessage? Message { get; }

    public string InboxId { get; }

    public DeadLetterId DeadLetterId { get; }

    /// <summary>The replay that sent it, also where it is handled as if it came for the first time.</summary>
    public string? ReplayId { get; private init; }

    /// <summary>The data as its handler wants it; <see langword="null"/> if it cannot be read, or before it was resolved.</summary>
    public object? Data { get; set; }

    /// <summary>The record that stands for the message in the catalog, in the version that the handler is for.</summary>
    public Type? HandledAs { get; set; }

    /// <summary>The partitions that it concerns, where its consumer says so; only known once it was read and resolved.</summary>
    public IReadOnlyList<string> Partitions { get; set; } = [];

    /// <summary>Why no attempt to handle it can succeed; <see langword="null"/> if that is not known.</summary>
    public Failure? Poison { get; set; }

    /// <summary>The same message in one of the partitions that it concerns. Its records there differ from those in the others.</summary>
    public ParsedMessage In(Partition partition) =>
        new(Received, partition, Message, Ids.InPartition(_key, partition)) { Data = Data, HandledAs = HandledAs, ReplayId = ReplayId };

    /// <summary>The message, once for each partition that it concerns. A replay is of one dead letter, in the partition that it was sent to.</summary>
    public IReadOnlyList<ParsedMessage> Parts() =>
        Partitions.Count == 0 ? [this]
        : Received.ReplayOf is null ? [.. Partitions.Select(p => In(new Partition(p)))]
        : [In(Partition)];

    /// <summary>The same message as if it came for the first time.</summary>
    public ParsedMessage WithoutReplay() => new(Received with { Properties = Received.GivenBackAlone }, Partition, Message, _key)
    {
        Data = Data,
        HandledAs = HandledAs,
        Partitions = Partitions,
        ReplayId = ReplayId,
    };

    /// <summary>What its handler is given besides its data.</summary>
    public HandlerContext ContextAt(DateTimeOffset now) => new()
    {
        MessageId = Message!.Id,
        CorrelationId = Message.CorrelationId,
        Partition = Partition.Value,
        Now = now,
        SentAt = Message.Time,
        Source = Message.Source,
        Sequence = Message.Sequence,
        TraceParent = Activity.Current?.Id ?? Message.TraceParent,
    };

    /// <summary>The record of its handling.</summary>
    public InboxRecord InboxRecordOf(ConsumerName consumer, HandlerContext context, long commit, int timeToLiveSeconds) => new()
    {
        Id = InboxId,
        Partition = Partition,
        TtlSeconds = timeToLiveSeconds,
        Consumer = consumer,
        EventId = new CloudEventId(context.MessageId),
        Type = Message!.Type,
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
        Replay = ReplayId,

        // Only what comes from our own dead letters can have been edited there, whatever others write into their events.
        Edit = ReplayId is null ? null : Message.EditId,
        EditedBy = ReplayId is null ? null : Message.EditedBy,
    };
}

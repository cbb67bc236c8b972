using System.Text.Json;
using Pipeline.Ledger;
using Pipeline.Messages;
using Pipeline.Partitions;
using Pipeline.State;

namespace Pipeline.Consumers;

/// <summary>A delivery, read once: the message with its data, or why it cannot be one, and the keys that it is known by.</summary>
internal sealed class Arrival
{
    private Arrival(Delivery delivery, string partition, IncomingMessage? message, string key)
    {
        Delivery = delivery;
        Partition = partition;
        Message = message;
        InboxId = Ids.Inbox(key);
        EntryId = Ids.LedgerEntry(key);
    }

    public Delivery Delivery { get; }

    public string Partition { get; }

    /// <summary><see langword="null"/> if the body is no event.</summary>
    public IncomingMessage? Message { get; }

    public string InboxId { get; }

    public string EntryId { get; }

    /// <summary>The deserialized data; <see langword="null"/> if the message is poison.</summary>
    public object? Data { get; private set; }

    /// <summary>Why no attempt to handle it can succeed.</summary>
    public (string Reason, string Description)? Poison { get; private set; }

    public static Arrival Read(Consumer consumer, Delivery delivery, MessageCatalog catalog)
    {
        if (!IncomingMessage.TryRead(delivery.Body, out var message, out var reason, out var description))
        {
            return new Arrival(
                delivery, PartitionOf(delivery, null), null, Ids.PoisonKey(consumer.Name, delivery.ReplayOf ?? delivery.MessageId, delivery.Body))
            {
                Poison = (reason, description),
            };
        }

        var arrival = new Arrival(delivery, PartitionOf(delivery, message), message, Ids.InboxKey(consumer.Name, message));
        arrival.ReadData(consumer, catalog, message);
        return arrival;
    }

    /// <summary>
    /// Reads an event that did not come through the broker, and so has no session: the contract's ordering key says where
    /// it belongs, whatever the sender calls its subject.
    /// </summary>
    public static Arrival ReadForeign(Consumer consumer, ReadOnlyMemory<byte> body, MessageCatalog catalog)
    {
        var arrival = Read(consumer, new Delivery { Body = body, SessionId = null, DeliveryCount = 1 }, catalog);
        if (arrival is not { Data: { } data, Message: { } message })
            return arrival;
        var key = catalog.Of(data).Key(data);
        if (Ids.WhyInvalidPartition(key) is { } why)
            arrival.Poison = (Reasons.ContractViolation, $"The ordering key '{key}', which the data makes, {why}.");
        else if (message.Sequence is not null)
            arrival.Poison = (Reasons.ContractViolation, "The event has a 'sequence', which only the services here number their facts with.");
        else
            return new Arrival(arrival.Delivery with { SessionId = key, MessageId = message.Id }, key, message, Ids.InboxKey(consumer.Name, message)) { Data = data };
        return arrival;
    }

    /// <summary>Rule 2: nothing tells whether it was handled, so it never reaches the handler.</summary>
    public (string Reason, string Description)? WhyTooLate(ConsumerPosition position, bool isReplay, DateTimeOffset now, ConsumerOptions options)
    {
        if (Message is not { } message)
            return null;
        if (message.Sequence is { } sequence)
        {
            var handled = position.Handled.GetValueOrDefault(message.Source);
            return sequence <= handled
                ? (Reasons.OutOfOrder, $"Sequence {sequence} of '{message.Source}' comes after {handled} was handled, and no inbox record tells of it.")
                : null;
        }

        return !isReplay && message.Time is { } time && now - time > options.InboxTimeToLive
            ? (Reasons.Expired, $"Sent {time:O}, before the oldest inbox record that is kept.")
            : null;
    }

    /// <summary>The record of its handling.</summary>
    public InboxRecord InboxRecordOf(
        Consumer consumer, MessageContext context, long commit, IReadOnlyList<string> caused, ConsumerOptions options) => new()
        {
            Id = InboxId,
            Partition = Partition,
            TtlSeconds = (int)options.InboxTimeToLive.TotalSeconds,
            Consumer = consumer.Name,
            EventId = context.MessageId,
            Type = Message!.Type,
            Source = Message.Source,
            Subject = Message.Subject,
            Sequence = context.Sequence,
            CorrelationId = context.CorrelationId,
            CausationId = Message.CausationId,
            CommittedAt = Message.Time,
            HandledAt = context.Now,
            Commit = commit,
            DeliveryCount = Delivery.DeliveryCount,
            Caused = caused,
            Replay = Delivery.ReplayId,
        };

    private void ReadData(Consumer consumer, MessageCatalog catalog, IncomingMessage message)
    {
        if (catalog.Find(message.Type) is not { } type || !consumer.CanHandle(type.DataType))
        {
            Poison = (Reasons.UnknownType, $"'{consumer.Name}' has no handler for '{message.Type}'.");
            return;
        }

        try
        {
            var data = message.CloudEvent.Data is { } bytes ? JsonSerializer.Deserialize(bytes.ToMemory().Span, type.Json) : null;
            if (data is null)
                Poison = (Reasons.ContractViolation, "The event has no data.");
            else if (type.Validate?.Invoke(data) is { } wrong)
                Poison = (Reasons.ContractViolation, wrong);
            else
                Data = data;
        }
        catch (JsonException e)
        {
            // By its contract's name: what the record is called here is nobody's business outside.
            Poison = (Reasons.ContractViolation, e.Message.Replace(type.DataType.ToString(), type.Name, StringComparison.Ordinal));
        }
    }

    /// <summary>Messages always come with their session; only what the broker itself dead-lettered for lack of one has to be placed.</summary>
    private static string PartitionOf(Delivery delivery, IncomingMessage? message)
    {
        if (Ids.WhyInvalidPartition(delivery.SessionId) is null)
            return delivery.SessionId!;
        return Ids.WhyInvalidPartition(message?.Subject) is null ? message!.Subject! : "without-session";
    }
}

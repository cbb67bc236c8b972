using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Pipeline.CloudEvents;
using Pipeline.Contracts;
using Pipeline.Failures;
using Pipeline.Messages;
using Pipeline.Payloads;
using Pipeline.Storage;

namespace Pipeline.Consumers;

/// <summary>Parses what a consumer receives: the event, and its data as the consumer reads it, checked against the contract.</summary>
internal sealed class MessageParser(Consumer consumer, MessageCatalog catalog, ClaimCheck claimCheck)
{
    private readonly ConsumerName _name = new(consumer.Name);

    /// <summary>Parses a message from the broker. A message that cannot be read says why.</summary>
    public ParsedMessage Parse(ReceivedMessage received)
    {
        if (EventReader.Read(received.Body, out var cloudEvent, out var failure) is not { } message)
        {
            var key = Ids.PoisonKey(_name, received.ReplayOf?.Value ?? received.MessageId, received.Body);
            return new ParsedMessage(received, PartitionOf(received, null), null, key) { Poison = failure };
        }

        var parsed = new ParsedMessage(received, PartitionOf(received, message), message, KeyOf(message));
        ReadData(parsed, message, cloudEvent!);
        return parsed;
    }

    /// <summary>
    /// Parses an event that did not come through the broker and so has no session: the contract's ordering key says to which partition it
    /// belongs, whatever the sender calls its subject.
    /// </summary>
    public ParsedMessage ParseForeign(ReadOnlyMemory<byte> body)
    {
        var parsed = Parse(new ReceivedMessage { Body = body, SessionId = null, DeliveryCount = 0 });
        if (parsed is not { Data: not null, Message: { } message })
        {
            // Data elsewhere is for our own messages: foreign senders have no data in our payload store.
            parsed.Poison ??= Violation("The event has no data.");
            return parsed;
        }

        var (key, failure) = OrderingKeyOf(message);
        parsed.Poison = failure
            ?? (Ids.PartitionError(key) is { } error ? Violation($"The ordering key '{key}', which the data makes, {error}.")
                : message.Sequence is not null ? Violation("The event has a 'sequence', which only the services here number their events with.")
                : null);
        return parsed.Poison is not null
            ? parsed
            : new ParsedMessage(parsed.Received with { SessionId = key, MessageId = message.Id }, new Partition(key!), message, KeyOf(message)) { Data = parsed.Data, HandledAs = parsed.HandledAs };
    }

    /// <summary>
    /// The ordering key that the contract takes from the data. The data is checked against the whole contract, whatever the consumer reads of
    /// it: what comes from outside, or from an operator, has to be valid for every consumer.
    /// </summary>
    public (string? Key, Failure? Failure) OrderingKeyOf(IncomingMessage message)
    {
        var type = catalog.Find(message.Type)!;
        return ReadWhole(type, message.Data!.Value, out var failure) is { } whole ? (type.Key(whole), null) : (null, failure);
    }

    /// <summary>Gets the data of an event that only says where it is. Only from our own store: an address is no reason to call it.</summary>
    /// <exception cref="StoreUnavailableException">The payload store is unavailable.</exception>
    public async ValueTask ResolveAsync(ParsedMessage parsed, CancellationToken cancellationToken)
    {
        if (parsed.Data is not null || parsed.Poison is not null || parsed.Message?.DataRef is not { } dataRef)
            return;
        if (claimCheck.NameOf(dataRef) is not { } name)
        {
            parsed.Poison = Violation($"The event has no data, and its dataref '{dataRef}' is none of the payload store that '{consumer.Name}' reads.");
            return;
        }

        try
        {
            if (await claimCheck.GetAsync(name, cancellationToken) is not { } data)
                parsed.Poison = new Failure(DeadLetterReasons.PayloadMissing, $"The event has no data, and its payload '{name}' is gone.");
            else if (StrictJson.Check(data) is { } fault)
                parsed.Poison = Violation(fault.ToString(), fault.Path);
            else
                ReadData(parsed, catalog.Find(parsed.Message.Type)!, data);
        }
        catch (InvalidDataException e)
        {
            parsed.Poison = Violation(e.Message);
        }
    }

    private string KeyOf(IncomingMessage message) =>
        Ids.InboxKey(_name, message.Source, message.Subject, message.Sequence, new CloudEventId(message.Id));

    /// <summary>Messages always come with their session; only what the broker itself dead-lettered for lack of one has to be assigned a partition.</summary>
    private static Partition PartitionOf(ReceivedMessage received, IncomingMessage? message)
    {
        if (Ids.PartitionError(received.SessionId) is null)
            return new Partition(received.SessionId!);
        return new Partition(Ids.PartitionError(message?.Subject) is null ? message!.Subject! : "without-session");
    }

    private void ReadData(ParsedMessage parsed, IncomingMessage message, ReceivedEvent cloudEvent)
    {
        if (catalog.Find(message.Type) is not { } type || HandledVersions.Of(consumer, catalog, type) is null)
        {
            parsed.Poison = NotHandled(message.Type);
            return;
        }

        // An event without data may say where it is; see ResolveAsync.
        if (message.Data is not { } data)
            parsed.Poison = message.DataRef is null ? Violation("The event has no data.") : null;
        else if (EventReader.DataFailureOf(cloudEvent) is { } failure)
            parsed.Poison = failure;
        else
            ReadData(parsed, type, data);
    }

    private Failure NotHandled(string type)
    {
        // A version that another consumer takes does not count: this consumer has nothing to do with the message.
        var others = catalog.OtherVersionsOf(type).Where(t => catalog.Find(type) is null || consumer.CanHandle(t.DataType)).Select(t => t.Name).ToList();
        return others.Count == 0
            ? new Failure(DeadLetterReasons.UnknownType, $"'{consumer.Name}' has no handler for '{type}'.")
            : new Failure(DeadLetterReasons.UnsupportedVersion, $"'{consumer.Name}' has no handler for this version, '{type}'; known here: {string.Join(", ", others)}.");
    }

    /// <summary>Reads what the consumer reads of it, and checks that against the contract; an older version is upcast first.</summary>
    private void ReadData(ParsedMessage parsed, MessageType type, ReadOnlyMemory<byte> bytes)
    {
        var version = HandledVersions.Of(consumer, catalog, type)!;
        var consumed = consumer.ConsumedMessages.GetValueOrDefault(version.DataType);
        var data = version == type
            ? consumed is null ? ReadWhole(type, bytes, out var failure) : ReadConsumed(type, consumed, bytes, out failure)
            : ReadUpcast(type, version, consumed, bytes, out failure);
        parsed.HandledAs = version.DataType;
        if (data is null)
            parsed.Poison = failure;
        else
            ReadPartitions(parsed, data);
    }

    private static object? ReadWhole(MessageType type, ReadOnlyMemory<byte> bytes, out Failure? failure) => ReadAs(type, type.Json, bytes, type.Validate, out failure);

    private static object? ReadConsumed(MessageType type, JsonTypeInfo consumed, ReadOnlyMemory<byte> bytes, out Failure? failure) =>
        ReadAs(type, consumed, bytes, type.ValidateView is { } validate ? data => validate(data, consumed) : null, out failure);

    private static object? ReadAs(MessageType type, JsonTypeInfo json, ReadOnlyMemory<byte> bytes, Func<object, ContractViolation?>? validate, out Failure? failure)
    {
        try
        {
            var data = JsonSerializer.Deserialize(bytes.Span, json);
            failure = data is null ? Violation("The event has no data.")
                : validate?.Invoke(data) is { } fault ? Violation(fault.ToString(), fault.Path)
                : null;
            return failure is null ? data : null;
        }
        catch (JsonException e)
        {
            // By its contract's name: the names of our records mean nothing outside.
            failure = type.Explain?.Invoke(e) is { } fault
                ? Violation(fault.ToString(), fault.Path)
                : Violation(e.Message.Replace(json.Type.ToString(), type.Name, StringComparison.Ordinal), e.Path);
            return null;
        }
    }

    private object? ReadUpcast(MessageType type, MessageType version, JsonTypeInfo? consumed, ReadOnlyMemory<byte> bytes, out Failure? failure)
    {
        if (ReadWhole(type, bytes, out failure) is not { } data)
            return null;
        try
        {
            var upcast = catalog.Upcast(type, version, data);
            if (version.Validate?.Invoke(upcast) is not { } fault)
            {
                return consumed is null
                    ? upcast
                    : ReadConsumed(version, consumed, JsonSerializer.SerializeToUtf8Bytes(upcast, version.Json), out failure);
            }

            failure = Violation($"It cannot be read as '{version.Name}': {fault}", fault.Path);
        }
        catch (Exception e)
        {
            failure = Violation($"It cannot be read as '{version.Name}': {e.Message}");
        }

        return null;
    }

    /// <summary>Data that makes no partitions, or invalid ones, does so at every attempt: the message is at fault.</summary>
    private void ReadPartitions(ParsedMessage parsed, object data)
    {
        IReadOnlyList<string> partitions;
        try
        {
            partitions = consumer.IsUnordered ? consumer.PartitionsOf(data, parsed.Message!) : [];
        }
        catch (Exception e)
        {
            parsed.Poison = Violation($"The partitions that it concerns cannot be determined: {e.Message}");
            return;
        }

        if (partitions.FirstOrDefault(p => Ids.PartitionError(p) is not null) is { } invalid)
        {
            parsed.Poison = Violation($"It concerns the partition '{invalid}', whose name {Ids.PartitionError(invalid)}.");
            return;
        }

        parsed.Partitions = partitions;
        parsed.Data = data;
    }

    private static Failure Violation(string description, string? path = null) => new(DeadLetterReasons.ContractViolation, description, path);
}

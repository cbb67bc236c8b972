using System.Buffers;
using System.Text.Json;
using Azure.Messaging;
using Pipeline.Messages;
using Pipeline.Partitions;
using Pipeline.State;

namespace Pipeline.Outbox;

/// <summary>
/// Builds the one outbox record of a commit: its messages in order, with contiguous numbers, each as the CloudEvent that
/// will be published.
/// </summary>
internal static class OutboxRecord
{
    /// <summary>Service Bus Standard takes 256 KB with headers; a body up to this many bytes always fits.</summary>
    public const int MaxEventBytes = 192 * 1024;

    /// <summary>Adds the record to the commit, if there is anything to send, and moves the head's number.</summary>
    /// <param name="commit">The commit.</param>
    /// <param name="head">The partition's head.</param>
    /// <param name="service">The sender.</param>
    /// <param name="catalog">All messages.</param>
    /// <param name="messages">What to send, each with what caused it.</param>
    /// <returns>The ids of the messages, in order.</returns>
    /// <exception cref="ArgumentException">A message is in no catalog, breaks its contract, or has the wrong ordering key.</exception>
    public static IReadOnlyList<string> Add(
        Commit commit, Head head, string service, MessageCatalog catalog, IReadOnlyList<(object Data, MessageContext Context)> messages)
    {
        if (messages.Count == 0)
            return [];

        var ids = new string[messages.Count];
        var first = head.Number + 1;
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("id"u8, Ids.Outbox(first));
            writer.WriteString("pk"u8, commit.Partition);
            writer.WriteString("kind"u8, RecordKinds.Outbox);
            writer.WriteNumber("first"u8, first);
            writer.WriteNumber("last"u8, first + messages.Count - 1);
            writer.WriteString("committedAt"u8, messages[0].Context.Now);
            writer.WriteStartArray("correlationIds"u8);
            foreach (var correlation in messages.Select(m => m.Context.CorrelationId).Distinct(StringComparer.Ordinal))
                writer.WriteStringValue(correlation);
            writer.WriteEndArray();
            writer.WriteStartArray("messages"u8);
            for (var i = 0; i < messages.Count; i++)
                ids[i] = WriteMessage(writer, commit.Partition, service, catalog.Of(messages[i].Data), messages[i].Data, ++head.Number, messages[i].Context);
            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        commit.Create(Ids.Outbox(first), buffer.WrittenSpan.ToArray(), CommitOutcome.Moved);
        return ids;
    }

    private static string WriteMessage(
        Utf8JsonWriter writer, string partition, string service, MessageType type, object data, long number, MessageContext context)
    {
        if (type.Validate?.Invoke(data) is { } wrong)
            throw new ArgumentException($"A '{type.Name}' from '{service}/{partition}' breaks its contract: {wrong}");
        var key = type.Key(data);
        if (Ids.WhyInvalidPartition(key) is { } why)
            throw new ArgumentException($"The ordering key of a '{type.Name}' from '{service}/{partition}' {why}.");
        if (type.Kind == MessageKind.Fact && key != partition)
            throw new ArgumentException(
                $"A fact is about the partition that it comes from, but the ordering key of this '{type.Name}' is '{key}' and the partition is '{partition}'.");

        var bytes = BinaryData.FromBytes(JsonSerializer.SerializeToUtf8Bytes(data, type.Json));
        if (bytes.ToMemory().Length > MaxEventBytes)
            throw new CommitTooLargeException($"The data of a '{type.Name}' has {bytes.ToMemory().Length} bytes; at most {MaxEventBytes} can be sent.");
        var id = Ids.OfEvent(service, partition, number);
        var cloudEvent = new CloudEvent(service, type.Name, bytes, "application/json", CloudEventDataFormat.Json)
        {
            Id = id,
            Subject = key,
            Time = context.Now,
            DataSchema = type.DataSchema,
        };
        var extensions = cloudEvent.ExtensionAttributes;
        extensions["partitionkey"] = key;
        if (type.Kind == MessageKind.Fact)
            extensions["sequence"] = number.ToString("D19", null);
        extensions["correlationid"] = context.CorrelationId;
        extensions["causationid"] = context.MessageId;
        if (context.TraceParent is { } traceParent)
            extensions["traceparent"] = traceParent;

        writer.WriteStartObject();
        writer.WriteNumber("number"u8, number);
        writer.WriteString("to"u8, type.Destination);
        writer.WritePropertyName("event"u8);
        JsonSerializer.Serialize(writer, cloudEvent);
        writer.WriteEndObject();
        return id;
    }
}

using System.Buffers;
using System.Text.Json;
using CloudNative.CloudEvents;
using Pipeline.CloudEvents;
using Pipeline.Decisions;
using Pipeline.Messages;
using Pipeline.Payloads;
using Pipeline.Storage;

namespace Pipeline.Outbox;

/// <summary>
/// Adds the one outbox record of a unit of work: its messages in order, with contiguous numbers, each as the CloudEvent that will be
/// published. An event that is published in several versions is one event: they share its number, and differ in type and id.
/// </summary>
/// <param name="service">The sender.</param>
/// <param name="catalog">All messages.</param>
/// <param name="claimCheck">Where data is stored that is too large for its message.</param>
internal sealed class OutboxWriter(string service, MessageCatalog catalog, ClaimCheck claimCheck)
{
    /// <summary>Adds the record, if there is a message to send, and moves the head's number.</summary>
    /// <param name="work">The unit of work with its outgoing messages.</param>
    /// <param name="onAdded">Called for each message that is added, with the context that it was decided in, its CloudEvents id and its type.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="InvalidMessageException">A message cannot be sent.</exception>
    /// <exception cref="StoreUnavailableException">Data that is too large for its message cannot be stored now.</exception>
    public async ValueTask AddAsync(UnitOfWork work, Action<HandlerContext, CloudEventId, string> onAdded, CancellationToken cancellationToken)
    {
        if (work.Outgoing.Count == 0)
            return;

        var first = work.Head.Number + 1;
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            WriteStart(writer, work, first);
            foreach (var (message, cause) in work.Outgoing)
            {
                var number = ++work.Head.Number;
                foreach (var (type, data) in VersionsOf(message))
                {
                    var id = Ids.OfEvent(service, work.Partition, number, ReferenceEquals(data, message) ? null : type.Version);
                    await WriteMessageAsync(writer, type, data, new PayloadOrigin(
                        service, work.Partition.Value, number, first, type.Name, KeyOf(type, data, work.Partition), id.Value, type.Kind == MessageKind.Event), cause, cancellationToken);
                    onAdded(cause, id, type.Name);
                }
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        work.Create(Ids.Outbox(first), buffer.WrittenSpan.ToArray());
    }

    private static void WriteStart(Utf8JsonWriter writer, UnitOfWork work, long first)
    {
        writer.WriteStartObject();
        writer.WriteString("id"u8, Ids.Outbox(first));
        writer.WriteString("pk"u8, work.Partition.Value);
        writer.WriteString("kind"u8, RecordKinds.Outbox);
        writer.WriteNumber("first"u8, first);
        writer.WriteNumber("last"u8, first + work.Outgoing.Count - 1);
        writer.WriteString("committedAt"u8, work.Outgoing[0].Cause.Now);
        writer.WriteStartArray("correlationIds"u8);
        foreach (var correlation in work.Outgoing.Select(m => m.Cause.CorrelationId).Distinct(StringComparer.Ordinal))
            writer.WriteStringValue(correlation);
        writer.WriteEndArray();
        writer.WriteStartArray("messages"u8);
    }

    /// <summary>The versions of a message that are published, all made before any is written.</summary>
    private List<(MessageType Type, object Data)> VersionsOf(object message)
    {
        try
        {
            return [.. catalog.VersionsOf(message)];
        }
        catch (ArgumentException e)
        {
            var type = catalog.TypeOf(message);
            throw new InvalidMessageException(
                type is null ? e.Message : $"A '{type.Name}' cannot be published as the version before, which is still read: {e.Message}", e);
        }
    }

    /// <summary>The ordering key of a message that is about to be sent.</summary>
    private string KeyOf(MessageType type, object data, Partition partition)
    {
        if (type.Validate?.Invoke(data) is { } fault)
            throw new InvalidMessageException($"A '{type.Name}' from '{service}/{partition}' breaks its contract: {fault}");
        var key = type.Key(data);
        if (Ids.PartitionError(key) is { } error)
            throw new InvalidMessageException($"The ordering key of a '{type.Name}' from '{service}/{partition}' {error}.");
        if (type.Kind == MessageKind.Event && key != partition.Value)
        {
            throw new InvalidMessageException(
                $"An event is about the partition that it comes from, but the ordering key of this '{type.Name}' is '{key}' and the partition is '{partition}'.");
        }

        return key;
    }

    private async ValueTask WriteMessageAsync(
        Utf8JsonWriter writer, MessageType type, object data, PayloadOrigin origin, HandlerContext cause, CancellationToken cancellationToken)
    {
        // Before the commit: a message must never point to data that does not exist yet.
        var bytes = JsonSerializer.SerializeToUtf8Bytes(data, type.Json);
        var dataRef = claimCheck.IsNeeded(bytes.Length) ? await claimCheck.StoreAsync(bytes, origin, cancellationToken) : null;
        var cloudEvent = new CloudEvent
        {
            Id = origin.EventId,
            Source = new Uri(service, UriKind.Relative),
            Type = type.Name,
            Subject = origin.Key,
            Time = cause.Now,
            DataSchema = type.DataSchema,
            DataContentType = "application/json",
            Data = dataRef is null ? (object)new ReadOnlyMemory<byte>(bytes) : null,
            ["partitionkey"] = origin.Key,
            ["correlationid"] = cause.CorrelationId,
            ["causationid"] = cause.MessageId,
            ["dataref"] = dataRef,
            ["traceparent"] = cause.TraceParent,
        };
        if (type.Kind == MessageKind.Event)
            cloudEvent["sequence"] = origin.Number.ToString("D19", CultureInfo.InvariantCulture);

        writer.WriteStartObject();
        writer.WriteNumber("number"u8, origin.Number);
        writer.WriteString("to"u8, type.Destination);
        writer.WritePropertyName("event"u8);
        writer.WriteRawValue(EventFormatter.Ascii.Write(cloudEvent).Span, skipInputValidation: true);
        writer.WriteEndObject();
    }
}

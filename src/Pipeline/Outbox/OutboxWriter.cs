using System.Buffers;
using System.Text.Json;
using CloudNative.CloudEvents;
using Pipeline.CloudEvents;
using Pipeline.Messages;
using Pipeline.Storage;
using Pipeline.Payloads;
using Pipeline.State;

namespace Pipeline.Outbox;

/// <summary>
/// Builds the one outbox record of a commit: its messages in order, with contiguous numbers, each as the CloudEvent that
/// will be published. A fact that is published in several versions is one fact: they share its number, and differ in type
/// and id.
/// </summary>
internal static class OutboxWriter
{
    /// <summary>Adds the record to the commit, if there is anything to send, and moves the head's number.</summary>
    /// <param name="commit">The commit.</param>
    /// <param name="head">The partition's head.</param>
    /// <param name="service">The sender.</param>
    /// <param name="catalog">All messages.</param>
    /// <param name="messages">What to send, each with what caused it.</param>
    /// <param name="claimCheck">Where data goes that is too large for its message.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <returns>The messages, in order.</returns>
    /// <exception cref="ArgumentException">A message is in no catalog, breaks its contract, or has the wrong ordering key.</exception>
    /// <exception cref="StoreUnavailableException">Data that is too large for its message cannot be stored now.</exception>
    public static async ValueTask<IReadOnlyList<SentMessage>> AddAsync(
        UnitOfWork commit,
        PartitionHead head,
        string service,
        MessageCatalog catalog,
        IReadOnlyList<(object Data, HandlerContext Context)> messages,
        ClaimCheck claimCheck,
        CancellationToken cancellationToken)
    {
        if (messages.Count == 0)
            return [];

        var sent = new List<SentMessage>(messages.Count);
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
            {
                var (decided, context) = messages[i];
                head.Number++;
                foreach (var (type, data) in VersionsOf(catalog, decided))
                {
                    var id = Ids.OfEvent(service, commit.Partition, head.Number, data == decided ? null : type.Version);
                    await WriteMessageAsync(writer, commit.Partition, service, type, data, first, head.Number, id, context, claimCheck, cancellationToken);
                    sent.Add(new SentMessage(id, type.Name, i));
                }
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        commit.Create(Ids.Outbox(first), buffer.WrittenSpan.ToArray(), CommitOutcome.Moved);
        return sent;
    }

    /// <summary>All of them are made before any is written.</summary>
    private static List<(MessageType Type, object Data)> VersionsOf(MessageCatalog catalog, object decided)
    {
        try
        {
            return [.. catalog.VersionsOf(decided)];
        }
        catch (ArgumentException e) when (catalog.Of(decided).Downcast is not null)
        {
            throw new ArgumentException($"A '{catalog.Of(decided).Name}' cannot be published as the version before, which is still read: {e.Message}", e);
        }
    }

    private static async ValueTask WriteMessageAsync(
        Utf8JsonWriter writer,
        string partition,
        string service,
        MessageType type,
        object data,
        long first,
        long number,
        string id,
        HandlerContext context,
        ClaimCheck claimCheck,
        CancellationToken cancellationToken)
    {
        if (type.Validate?.Invoke(data) is { } wrong)
            throw new ArgumentException($"A '{type.Name}' from '{service}/{partition}' breaks its contract: {wrong}");
        var key = type.Key(data);
        if (Ids.PartitionError(key) is { } why)
            throw new ArgumentException($"The ordering key of a '{type.Name}' from '{service}/{partition}' {why}.");
        if (type.Kind == MessageKind.Event && key != partition)
            throw new ArgumentException(
                $"A fact is about the partition that it comes from, but the ordering key of this '{type.Name}' is '{key}' and the partition is '{partition}'.");

        var bytes = JsonSerializer.SerializeToUtf8Bytes(data, type.Json);
        string? dataRef = null;
        if (claimCheck.IsNeeded(bytes.Length))
        {
            // Before the commit: a message must never point to what is not there yet.
            var origin = new PayloadOrigin(service, partition, number, first, type.Name, key, id, type.Kind == MessageKind.Event);
            dataRef = await claimCheck.StoreAsync(bytes, origin, cancellationToken);
        }

        var cloudEvent = new CloudEvent
        {
            Id = id,
            Source = new Uri(service, UriKind.Relative),
            Type = type.Name,
            Subject = key,
            Time = context.Now,
            DataSchema = type.DataSchema,
            DataContentType = "application/json",
            Data = dataRef is null ? (object)new ReadOnlyMemory<byte>(bytes) : null,
            ["partitionkey"] = key,
            ["correlationid"] = context.CorrelationId,
            ["causationid"] = context.MessageId,
            ["dataref"] = dataRef,
            ["traceparent"] = context.TraceParent,
        };
        if (type.Kind == MessageKind.Event)
            cloudEvent["sequence"] = number.ToString("D19", CultureInfo.InvariantCulture);

        writer.WriteStartObject();
        writer.WriteNumber("number"u8, number);
        writer.WriteString("to"u8, type.Destination);
        writer.WritePropertyName("event"u8);
        writer.WriteRawValue(EventFormatter.Ascii.Write(cloudEvent).Span, skipInputValidation: true);
        writer.WriteEndObject();
    }
}

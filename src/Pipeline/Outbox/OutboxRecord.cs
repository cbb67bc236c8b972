using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;
using Pipeline.Messages;
using Pipeline.Storage;

namespace Pipeline.Outbox;

/// <summary>An outbox record on its way to be published, as the feed or a query delivered it.</summary>
internal sealed class OutboxRecord
{
    /// <summary>Begins the reason of a record that holds a version which is published no more.</summary>
    public const string Retired = "RetiredContract";

    /// <summary>Begins the reason of a record that holds what this release does not know.</summary>
    public const string Unknown = "UnknownContract";

    private OutboxRecord(JsonElement raw, Partition partition, string id)
    {
        Raw = raw;
        Partition = partition;
        Id = id;
    }

    public JsonElement Raw { get; }

    public Partition Partition { get; }

    public string Id { get; }

    public string ETag => Raw.GetProperty("_etag"u8).GetString()!;

    public long First { get; private set; }

    public long Last { get; private set; }

    public DateTimeOffset CommittedAt { get; private set; }

    public bool IsQuarantined { get; private set; }

    /// <summary>Whether Service Bus has it all, and only Event Grid is still to come: nothing waits behind it then.</summary>
    public bool IsSent { get; private set; }

    /// <summary>The messages with their topics or queues, in order.</summary>
    public List<(string Destination, OutgoingMessage Message)> Messages { get; } = [];

    /// <summary>The events among them that go to Event Grid too, as structured CloudEvents.</summary>
    public List<ReadOnlyMemory<byte>> PublicEvents { get; } = [];

    /// <summary>Why it can never be published as it is; <see langword="null"/> if nothing is known to stand in the way.</summary>
    public string? Unpublishable { get; private set; }

    /// <summary>Reads a record. One that cannot be read comes back with the reason, to be quarantined: it must not stop the others.</summary>
    public static OutboxRecord Read(JsonElement raw, MessageCatalog catalog)
    {
        var record = new OutboxRecord(raw, Partition.Of(raw), raw.GetProperty("id"u8).GetString()!);
        try
        {
            record.IsQuarantined = raw.TryGetProperty("parked"u8, out _);
            record.IsSent = raw.TryGetProperty("sent"u8, out _);
            record.First = raw.GetProperty("first"u8).GetInt64();
            record.Last = raw.GetProperty("last"u8).GetInt64();
            record.CommittedAt = raw.GetProperty("committedAt"u8).GetDateTimeOffset();
            foreach (var message in raw.GetProperty("messages"u8).EnumerateArray())
                record.ReadMessage(message, catalog);
        }
        catch (Exception e) when (e is InvalidOperationException or FormatException or KeyNotFoundException or JsonException)
        {
            record.Unpublishable = "The record cannot be read: " + e.Message;
        }

        return record;
    }

    /// <summary>The record as it is to be stored, with or without the mark that parks it.</summary>
    /// <param name="raw">The record as it is stored now.</param>
    /// <param name="quarantineReason">Why it is quarantined; <see langword="null"/> leaves the mark out.</param>
    /// <param name="now">The time.</param>
    /// <param name="isSent">Adds the mark that Service Bus has it all; one that is there stays.</param>
    public static byte[] Rewrite(JsonElement raw, string? quarantineReason, DateTimeOffset now, bool isSent = false)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            foreach (var property in raw.EnumerateObject())
            {
                if (!property.NameEquals("parked"u8) && !property.Name.StartsWith('_'))
                    property.WriteTo(writer);
            }

            if (isSent && !raw.TryGetProperty("sent"u8, out _))
                writer.WriteString("sent"u8, now);

            if (quarantineReason is not null)
            {
                writer.WriteStartObject("parked"u8);
                writer.WriteString("reason"u8, quarantineReason);
                writer.WriteString("at"u8, now);
                writer.WriteEndObject();
            }

            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static string SuccessorOf(MessageCatalog catalog, string type) =>
        catalog.OtherVersionsOf(type).Where(t => !t.Retired).Select(t => t.Name).ToList() is { Count: > 0 } others ? $"; published now: {string.Join(", ", others)}" : "";

    private void ReadMessage(JsonElement message, MessageCatalog catalog)
    {
        var cloudEvent = message.GetProperty("event"u8);
        var type = cloudEvent.GetProperty("type"u8).GetString()!;
        var contract = catalog.Find(type);
        if (contract is null)
            Unpublishable ??= $"{Unknown}: this release has no contract '{type}'. Once a release that has it runs everywhere, release the record; if there is no such release, discard it.";
        else if (contract.Retired)
            Unpublishable ??= $"{Retired}: '{type}' is retired{SuccessorOf(catalog, type)}. If a consumer still reads it, deploy a release where it is not retired and release the record; otherwise discard it.";
        var body = JsonMarshal.GetRawUtf8Value(cloudEvent).ToArray();
        Messages.Add((
            message.GetProperty("to"u8).GetString()!,
            new OutgoingMessage
            {
                MessageId = cloudEvent.GetProperty("id"u8).GetString()!,
                SessionId = cloudEvent.GetProperty("partitionkey"u8).GetString()!,
                Type = type,
                Body = body,
                TraceParent = cloudEvent.TryGetProperty("traceparent"u8, out var trace) ? trace.GetString() : null,
            }));
        if (contract is { IsPublic: true })
            PublicEvents.Add(body);
    }
}

using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Pipeline.Storage;

namespace Pipeline.State;

/// <summary>Writes the records whose payload is the application's.</summary>
internal static class Records
{
    /// <summary>The payload of a record.</summary>
    /// <exception cref="DamagedPartitionException">It cannot be read.</exception>
    public static T DataOf<T>(PartitionRead read, JsonElement record, string id, JsonTypeInfo<T> json)
        where T : class
    {
        try
        {
            return record.GetProperty("data"u8).Deserialize(json) ?? throw new JsonException("its data is null");
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or NotSupportedException or InvalidOperationException)
        {
            throw read.Unreadable(id, e, canBeRecorded: true);
        }
    }

    /// <summary>When the event of a record was committed.</summary>
    /// <exception cref="DamagedPartitionException">It does not say.</exception>
    public static DateTimeOffset TimeOf(PartitionRead read, JsonElement record, string id)
    {
        try
        {
            return record.GetProperty("time"u8).GetDateTimeOffset();
        }
        catch (Exception e) when (e is KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw read.Unreadable(id, e, canBeRecorded: true);
        }
    }

    public static byte[] Write(string id, Partition partition, string kind, Action<Utf8JsonWriter> data, Action<Utf8JsonWriter>? more = null)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>(512);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("id"u8, id);
            writer.WriteString("pk"u8, partition.Value);
            writer.WriteString("kind"u8, kind);
            more?.Invoke(writer);
            writer.WritePropertyName("data"u8);
            data(writer);
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }
}

using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Pipeline.Local.Cosmos;

/// <summary>A document as a client sent it: checked in one pass over the bytes, outside the store's lock.</summary>
internal sealed class ItemContent
{
    public const int MaxItemBytes = 2 * 1024 * 1024;
    private static readonly JsonReaderOptions ReaderOptions = new() { MaxDepth = 128 };

    private ItemContent(string id, ReadOnlyMemory<byte> utf8)
    {
        Id = id;
        Utf8 = utf8;
    }

    public string Id { get; }

    /// <summary>The JSON without its closing brace and without the system properties.</summary>
    public ReadOnlyMemory<byte> Utf8 { get; }

    public PartitionKeyValue PartitionKey { get; private set; }

    /// <summary>The values of the container's unique keys; null if it has none.</summary>
    public string[]? UniqueValues { get; private set; }
    public string? Kind { get; private init; }
    public int? TimeToLiveSeconds { get; private init; }

    /// <summary>A document that is to be written.</summary>
    /// <param name="body">The request's body.</param>
    /// <param name="definition">Says where partition key and unique keys are.</param>
    /// <exception cref="CosmosFailure">400 or 413: it cannot be stored, or not read back by everybody.</exception>
    public static ItemContent Parse(ReadOnlyMemory<byte> body, ContainerDefinition definition)
    {
        if (body.Length > MaxItemBytes + StoredDocument.MaxSystemBytes)
            throw TooLarge(body.Length);
        if (body.Span.StartsWith(Encoding.UTF8.Preamble))
            body = body[Encoding.UTF8.Preamble.Length..];
        StrictJson.Check(body);
        var content = ParseStored(body, definition);
        ResourceName.Check(content.Id);
        return content;
    }

    /// <summary>A document of the journal, which an earlier version may have taken that would be refused now.</summary>
    /// <param name="body">The document.</param>
    /// <param name="definition">Says where partition key and unique keys are.</param>
    public static ItemContent ParseStored(ReadOnlyMemory<byte> body, ContainerDefinition definition)
    {
        try
        {
            var content = Scan(body, definition.PartitionKeyUtf8);
            // Without the system properties, or what was stored could not be read back.
            if (content.Utf8.Length >= MaxItemBytes)
                throw TooLarge(content.Utf8.Length + 1);
            if (definition.NeedsSearch)
                (content.PartitionKey, content.UniqueValues) = definition.Search(body);
            return content;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            throw new CosmosFailure(400, $"The request payload is invalid: {e.Message}");
        }
    }

    private static CosmosFailure TooLarge(int bytes) =>
        new(413, string.Create(CultureInfo.InvariantCulture,
            $"Request size is too large: the item has {bytes} bytes, at most {MaxItemBytes} are allowed."));

    private static ItemContent Scan(ReadOnlyMemory<byte> body, byte[]? partitionKeyProperty)
    {
        var reader = new Utf8JsonReader(body.Span, ReaderOptions);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            throw new CosmosFailure(400, "The request payload is invalid: a JSON object is expected.");

        var start = (int)reader.TokenStartIndex;
        string? id = null, kind = null;
        int? ttl = null;
        PartitionKeyValue partitionKey = default;
        List<(int Start, int End)>? runs = null;
        int runStart = -1, end = start + 1;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var nameStart = (int)reader.TokenStartIndex;
            var isPartitionKey = partitionKeyProperty is not null && reader.ValueTextEquals(partitionKeyProperty);
            var property = Classify(ref reader);
            reader.Read();
            if (isPartitionKey)
            {
                partitionKey = PartitionKeyValue.Read(ref reader) ?? throw new CosmosFailure(
                    400, "The partition key of an item has to be a string, number, boolean or null.");
            }

            switch (property)
            {
                case Property.Id:
                    id = reader.TokenType == JsonTokenType.String
                        ? reader.GetString()
                        : throw new CosmosFailure(400, "The input content is invalid: 'id' has to be a string.");
                    break;
                case Property.Kind:
                    kind = reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
                    break;
                case Property.TimeToLive:
                    ttl = ReadTimeToLive(ref reader);
                    break;
            }

            reader.Skip();
            if (property == Property.System)
            {
                runs ??= [];
                if (runStart >= 0)
                    runs.Add((runStart, end));
                runStart = -1;
            }
            else if (runStart < 0)
            {
                runStart = nameStart;
            }

            end = (int)reader.BytesConsumed;
        }

        // Reads on to the end, so that what follows the object is refused.
        while (reader.Read())
        {
        }

        if (runs is not null && runStart >= 0)
            runs.Add((runStart, end));
        var content = runs is null ? body[start..end] : Join(body, runs);
        return new ItemContent(id ?? "", content) { PartitionKey = partitionKey, Kind = kind, TimeToLiveSeconds = ttl };
    }

    private enum Property
    {
        Other,
        Id,
        Kind,
        TimeToLive,
        System,
    }

    private static Property Classify(ref Utf8JsonReader reader)
    {
        var length = reader.ValueSpan.Length;
        if (length > 12)
            return reader.ValueIsEscaped ? ClassifyByName(reader.GetString()!) : Property.Other;
        return ClassifyByName(ref reader, length);
    }

    private static Property ClassifyByName(ref Utf8JsonReader reader, int length) => reader.ValueSpan switch
    {
        _ when reader.ValueIsEscaped => ClassifyByName(reader.GetString()!),
        var name when length == 2 && name.SequenceEqual("id"u8) => Property.Id,
        var name when length == 4 && name.SequenceEqual("kind"u8) => Property.Kind,
        var name when length == 3 && name.SequenceEqual("ttl"u8) => Property.TimeToLive,
        var name when length > 0 && name[0] == '_' && IsSystem(name) => Property.System,
        _ => Property.Other,
    };

    private static Property ClassifyByName(string name) => name switch
    {
        "id" => Property.Id,
        "kind" => Property.Kind,
        "ttl" => Property.TimeToLive,
        "_rid" or "_self" or "_etag" or "_attachments" or "_ts" or "_lsn" => Property.System,
        _ => Property.Other,
    };

    private static bool IsSystem(ReadOnlySpan<byte> name) =>
        name.SequenceEqual("_rid"u8) || name.SequenceEqual("_self"u8) || name.SequenceEqual("_etag"u8)
        || name.SequenceEqual("_attachments"u8) || name.SequenceEqual("_ts"u8) || name.SequenceEqual("_lsn"u8);

    private static int? ReadTimeToLive(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.Null)
            return null;
        if (reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out var seconds) && seconds is -1 or > 0)
            return seconds;
        throw new CosmosFailure(400, "The input ttl is invalid: it has to be a positive integer (seconds) or -1.");
    }

    /// <summary>
    /// Clients send back what they read; the system properties in there are the store's business. What is left are
    /// runs of neighbouring properties, each from its first name to its last value.
    /// </summary>
    private static ReadOnlyMemory<byte> Join(ReadOnlyMemory<byte> body, List<(int Start, int End)> runs)
    {
        var buffer = new ArrayBufferWriter<byte>(body.Length);
        buffer.Write("{"u8);
        foreach (var (start, end) in runs)
        {
            if (buffer.WrittenCount > 1)
                buffer.Write(","u8);
            buffer.Write(body.Span[start..end]);
        }

        return buffer.WrittenMemory;
    }
}

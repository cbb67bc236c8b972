using System.Buffers;
using System.Text.Json;

namespace Pipeline.Local.Cosmos.Sql;

/// <summary>Makes an array or object of values. What is undefined is left out.</summary>
internal sealed class JsonBuilder : IDisposable
{
    /// <summary>A query must not grow what it reads: as much as an answer may have.</summary>
    public const int MaxBytes = 4 * 1024 * 1024;

    /// <summary>More than an item may have, since queries put values into others.</summary>
    public const int MaxDepth = 512;

    private static readonly JsonWriterOptions WriterOptions = new()
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
        MaxDepth = MaxDepth,
    };

    private readonly ArrayBufferWriter<byte> _buffer = new();
    private readonly Utf8JsonWriter _writer;
    private readonly bool _isObject;

    private JsonBuilder(bool isObject)
    {
        _writer = new Utf8JsonWriter(_buffer, WriterOptions);
        _isObject = isObject;
        if (isObject)
            _writer.WriteStartObject();
        else
            _writer.WriteStartArray();
    }

    public static JsonBuilder Array() => new(isObject: false);

    public static JsonBuilder Object() => new(isObject: true);

    public static SqlValue ArrayOf(IEnumerable<SqlValue> values)
    {
        using var builder = Array();
        foreach (var value in values)
            builder.Add(value);
        return builder.Finish();
    }

    public void Add(in SqlValue value)
    {
        if (value.ForResult() is { IsDefined: true } defined)
            Write(defined);
    }

    public void Add(string name, in SqlValue value)
    {
        if (value.ForResult() is not { IsDefined: true } defined)
            return;
        _writer.WritePropertyName(name);
        Write(defined);
    }

    public SqlValue Finish()
    {
        if (_isObject)
            _writer.WriteEndObject();
        else
            _writer.WriteEndArray();
        _writer.Flush();
        try
        {
            var reader = new Utf8JsonReader(_buffer.WrittenSpan, new JsonReaderOptions { MaxDepth = MaxDepth });
            return SqlValue.Of(JsonElement.ParseValue(ref reader));
        }
        catch (JsonException)
        {
            throw new CosmosFailure(400, $"The query makes a value that is nested deeper than {MaxDepth} levels.");
        }
    }

    public void Dispose() => _writer.Dispose();

    public static CosmosFailure TooLarge() => new(400, $"The query makes a value of more than {MaxBytes} bytes.");

    private void Write(in SqlValue value)
    {
        value.WriteTo(_writer);
        if (_writer.BytesCommitted + _writer.BytesPending > MaxBytes)
            throw TooLarge();
    }
}

using System.Buffers.Binary;
using System.Text;
using System.Text.Json;

namespace Pipeline.Local.Cosmos;

internal enum PartitionKeyKind : byte
{
    Undefined = 0,
    Null = 1,
    False = 2,
    True = 3,
    Number = 5,
    String = 8,
}

/// <summary>The value that a document has at its container's partition key path.</summary>
internal readonly record struct PartitionKeyValue(PartitionKeyKind Kind, string? Text = null, double Number = 0)
{
    public static PartitionKeyValue Of(string text) => new(PartitionKeyKind.String, text);

    /// <summary>Reads the token that <paramref name="reader"/> stands on; objects and arrays are no partition key values.</summary>
    public static PartitionKeyValue? Read(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.String => Of(reader.GetString()!),
        JsonTokenType.Number => new(PartitionKeyKind.Number, Number: reader.GetDouble()),
        JsonTokenType.True => new(PartitionKeyKind.True),
        JsonTokenType.False => new(PartitionKeyKind.False),
        JsonTokenType.Null => new(PartitionKeyKind.Null),
        _ => null,
    };

    /// <summary>Parses the <c>x-ms-documentdb-partitionkey</c> header: a JSON array with one component.</summary>
    public static PartitionKeyValue ParseHeader(string header)
    {
        // Nearly every key is a plain string: ["order-1"].
        if (header.Length > 4 && header.StartsWith("[\"", StringComparison.Ordinal) && header.EndsWith("\"]", StringComparison.Ordinal)
            && header.AsSpan(2, header.Length - 4).IndexOfAny('\\', '"') < 0)
            return Of(header[2..^2]);

        try
        {
            var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(header));
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartArray || !reader.Read())
                throw Invalid(header);
            if (reader.TokenType == JsonTokenType.EndArray)
                return default;
            var value = reader.TokenType == JsonTokenType.StartObject ? default : Read(ref reader) ?? throw Invalid(header);
            reader.Skip();
            if (!reader.Read() || reader.TokenType != JsonTokenType.EndArray)
                throw CosmosFailure.NotSupported($"The partition key {header} has several components; hierarchical partition keys are not supported.");
            return value;
        }
        catch (JsonException)
        {
            throw Invalid(header);
        }
    }

    /// <summary>The value's place on the hash ring (hash version 2), which is what partition key ranges divide.</summary>
    public UInt128 EffectiveKey()
    {
        var textBytes = Text is null ? 0 : Encoding.UTF8.GetMaxByteCount(Text.Length);
        Span<byte> buffer = textBytes <= 500 ? stackalloc byte[512] : new byte[textBytes + 12];
        buffer[0] = (byte)Kind;
        var length = 1;
        switch (Kind)
        {
            case PartitionKeyKind.String:
                length += Encoding.UTF8.GetBytes(Text, buffer[1..]);
                buffer[length++] = 0xFF;
                break;
            case PartitionKeyKind.Number:
                BinaryPrimitives.WriteDoubleLittleEndian(buffer[1..], Number);
                length += sizeof(double);
                break;
        }

        var (low, high) = MurmurHash3.Hash128(buffer[..length]);
        return new UInt128(high & 0x3FFF_FFFF_FFFF_FFFF, low);
    }

    public void Write(BinaryWriter output)
    {
        output.Write((byte)Kind);
        if (Kind == PartitionKeyKind.String)
            output.Write(Text!);
        else if (Kind == PartitionKeyKind.Number)
            output.Write(Number);
    }

    public static PartitionKeyValue Read(BinaryReader input) => (PartitionKeyKind)input.ReadByte() switch
    {
        PartitionKeyKind.String => Of(input.ReadString()),
        PartitionKeyKind.Number => new(PartitionKeyKind.Number, Number: input.ReadDouble()),
        var other => new(other),
    };

    private static CosmosFailure Invalid(string header) =>
        new(400, $"Partition key {header} is invalid: it has to be a JSON array with one string, number, boolean or null.");
}

using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Pipeline.Local.Cosmos;

/// <summary>
/// The value that a document has at its container's partition key path; of a hierarchical key the first one, with the
/// others behind it.
/// </summary>
internal readonly record struct PartitionKeyValue(PartitionKeyKind Kind, string? Text = null, double Number = 0, PartitionKeyTail? Tail = null)
{
    /// <summary>The most that a key can have, with all its components together.</summary>
    public const int MaxBytes = 2048;

    /// <summary>How long it is: the texts in UTF-8, and eight bytes for a number.</summary>
    public int Bytes => (Kind switch
    {
        PartitionKeyKind.String => Encoding.UTF8.GetByteCount(Text!),
        PartitionKeyKind.Number => sizeof(double),
        _ => 0,
    }) + (Tail?.Rest.Bytes ?? 0);

    /// <summary>How many values a hierarchical key has; 1 for every other.</summary>
    public int Components => 1 + (Tail?.Rest.Components ?? 0);

    public static PartitionKeyValue Of(ReadOnlySpan<PartitionKeyValue> components) => components.Length == 1
        ? components[0]
        : components[0] with { Tail = new(Of(components[1..])) };

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

    /// <summary>Parses the <c>x-ms-documentdb-partitionkey</c> header: a JSON array with one component, or several of a hierarchical key.</summary>
    /// <exception cref="CosmosFailure">400: it is no key, or longer than a key can be.</exception>
    public static PartitionKeyValue ParseHeader(string header)
    {
        var key = Parse(header);
        // A character of the header is at most three bytes of the key, so that most need not be counted.
        if (header.Length > MaxBytes / 3 && key.Bytes is > MaxBytes and var bytes)
            throw new CosmosFailure(400, string.Create(CultureInfo.InvariantCulture, $"The partition key has {bytes} bytes, at most {MaxBytes} are allowed."));
        return key;
    }

    private static PartitionKeyValue Parse(string header)
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
            var components = new List<PartitionKeyValue>(1);
            while (reader.TokenType != JsonTokenType.EndArray)
            {
                // An empty object stands for a value that is not there.
                var component = reader.TokenType == JsonTokenType.StartObject ? default : Read(ref reader) ?? throw Invalid(header);
                components.Add(double.IsFinite(component.Number) ? component : throw Invalid(header));
                reader.Skip();
                reader.Read();
            }

            return Of(CollectionsMarshal.AsSpan(components));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw Invalid(header);
        }
    }

    /// <summary>The value's place on the hash ring (hash version 2), which is what partition key ranges divide.</summary>
    public EffectiveKey EffectiveKey() => Tail?.Rest is not { } second
        ? new(Hash())
        : new(Hash(), new(second.Hash(), second.Tail?.Rest.Hash() ?? 0));

    private UInt128 Hash()
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

    /// <summary>Writes all components.</summary>
    public void Write(BinaryWriter output)
    {
        output.Write((byte)Kind);
        if (Kind == PartitionKeyKind.String)
            output.Write(Text!);
        else if (Kind == PartitionKeyKind.Number)
            output.Write(Number);
        Tail?.Rest.Write(output);
    }

    /// <summary>What <see cref="Write"/> writes.</summary>
    public byte[] ToBytes()
    {
        using var buffer = new MemoryStream(64);
        using var output = new BinaryWriter(buffer);
        Write(output);
        output.Flush();
        return buffer.ToArray();
    }

    /// <summary>Reads what <see cref="ToBytes"/> made of a key of so many components.</summary>
    public static PartitionKeyValue FromBytes(byte[] bytes, int components)
    {
        using var input = new BinaryReader(new MemoryStream(bytes, writable: false));
        return Read(input, components);
    }

    /// <summary>Reads a key of so many components.</summary>
    public static PartitionKeyValue Read(BinaryReader input, int components)
    {
        var first = Read(input);
        return components == 1 ? first : first with { Tail = new(Read(input, components - 1)) };
    }

    private static PartitionKeyValue Read(BinaryReader input) => (PartitionKeyKind)input.ReadByte() switch
    {
        PartitionKeyKind.String => Of(input.ReadString()),
        PartitionKeyKind.Number => new(PartitionKeyKind.Number, Number: input.ReadDouble()),
        var other => new(other),
    };

    private static CosmosFailure Invalid(string header) =>
        new(400, $"Partition key {header} is invalid: it has to be a JSON array of strings, numbers, booleans or nulls.");
}

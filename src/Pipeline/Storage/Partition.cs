using System.Text.Json;
using System.Text.Json.Serialization;

namespace Pipeline.Storage;

/// <summary>The name of a partition: the aggregate or subject whose records are written together. Compares as ordinal text.</summary>
[JsonConverter(typeof(Converter))]
public readonly record struct Partition
{
    private readonly string? _value;

    /// <summary>Creates it.</summary>
    /// <param name="value">The name; <see cref="Ids.PartitionError"/> judges one that comes from outside.</param>
    public Partition(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        _value = value;
    }

    /// <summary>The name as text.</summary>
    /// <exception cref="InvalidOperationException">It was never set: it is <see langword="default"/>.</exception>
    public string Value => _value ?? throw new InvalidOperationException("The partition was never set.");

    /// <summary>The partition of a stored record.</summary>
    internal static Partition Of(JsonElement record) => new(record.GetProperty("pk"u8).GetString()!);

    /// <summary>The name as text.</summary>
    public override string ToString() => Value;

    internal sealed class Converter() : TextConverter<Partition>(text => new(text), partition => partition.Value);
}

using System.Text.Json.Serialization;

namespace Pipeline.Storage;

/// <summary>The CloudEvents id of a message; of an HTTP command, its key. Compares as ordinal text.</summary>
[JsonConverter(typeof(Converter))]
public readonly record struct CloudEventId
{
    private readonly string? _value;

    /// <summary>Creates it.</summary>
    /// <param name="value">The id.</param>
    public CloudEventId(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        _value = value;
    }

    /// <summary>The id as text.</summary>
    /// <exception cref="InvalidOperationException">It was never set: it is <see langword="default"/>.</exception>
    public string Value => _value ?? throw new InvalidOperationException("The event's id was never set.");

    /// <summary>The id as text.</summary>
    public override string ToString() => Value;

    internal sealed class Converter() : TextConverter<CloudEventId>(text => new(text), id => id.Value);
}

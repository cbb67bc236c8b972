using System.Text.Json.Serialization;

namespace Pipeline.Storage;

/// <summary>The id of a dead letter. Compares as ordinal text.</summary>
[JsonConverter(typeof(Converter))]
public readonly record struct DeadLetterId
{
    private readonly string? _value;

    /// <summary>Creates it.</summary>
    /// <param name="value">The id. One that comes from outside may be of no dead letter, or of another record: then no dead letter is found.</param>
    public DeadLetterId(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        _value = value;
    }

    /// <summary>The id as text.</summary>
    /// <exception cref="InvalidOperationException">It was never set: it is <see langword="default"/>.</exception>
    public string Value => _value ?? throw new InvalidOperationException("The dead letter's id was never set.");

    /// <summary>The id as text.</summary>
    public override string ToString() => Value;

    internal sealed class Converter() : TextConverter<DeadLetterId>(text => new(text), id => id.Value);
}

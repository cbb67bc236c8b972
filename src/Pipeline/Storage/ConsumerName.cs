using System.Text.Json.Serialization;

namespace Pipeline.Storage;

/// <summary>The name of a consumer. Compares as ordinal text.</summary>
[JsonConverter(typeof(Converter))]
public readonly record struct ConsumerName
{
    private readonly string? _value;

    /// <summary>Creates it.</summary>
    /// <param name="value">The name: <c>topic/subscription</c>, queue, or function of an Event Grid subscription.</param>
    public ConsumerName(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        _value = value;
    }

    /// <summary>What records and notes of an HTTP command have in place of a consumer.</summary>
    internal static ConsumerName Http { get; } = new("http");

    /// <summary>What notes of a replay have in place of a consumer.</summary>
    internal static ConsumerName Replay { get; } = new("replay");

    /// <summary>The name as text.</summary>
    /// <exception cref="InvalidOperationException">It was never set: it is <see langword="default"/>.</exception>
    public string Value => _value ?? throw new InvalidOperationException("The consumer's name was never set.");

    /// <summary>The name as text.</summary>
    public override string ToString() => Value;

    internal sealed class Converter() : TextConverter<ConsumerName>(text => new(text), consumer => consumer.Value);
}

using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Pipeline.CloudEvents;

/// <summary>
/// The attributes of an event by the rules of <see href="https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md#type-system">CloudEvents
/// 1.0.2</see>, however they came.
/// </summary>
internal sealed class Attributes
{
    private const int MaxNameLength = 20;
    private const int MaxNameShown = 60;

    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, string> Values => _values;

    public DateTimeOffset? Time { get; private set; }

    public string? this[string name] => _values.GetValueOrDefault(name);

    public static string? WhyNoName(string name) =>
        name.Length is 0 or > MaxNameLength || name.Any(c => !char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c))
            ? string.Create(CultureInfo.InvariantCulture, $"is no name of an attribute: 1 to {MaxNameLength} lower-case letters and digits")
            : null;

    /// <summary>Sets an attribute from JSON (JSON event format 1.0.2, section 2.2); returns what is wrong with it.</summary>
    public EventFault? Set(JsonProperty property)
    {
        var name = property.Name;
        if (WhyNoName(name) is { } noName)
            return Wrong(name, noName);
        switch (property.Value.ValueKind)
        {
            case JsonValueKind.String:
                return Set(name, property.Value.GetString()!);
            case JsonValueKind.Object or JsonValueKind.Array:
                return Wrong(name, $"is an {property.Value.ValueKind.ToString().ToLowerInvariant()}; an attribute is a text, a whole number or a boolean");
            case var _ when IsText(name):
                return Wrong(name, "is no string");
            case JsonValueKind.Number when !IsInteger(property.Value):
                return Wrong(name, "is a number that is not whole, or does not fit in 32 bits");
            default:
                _values[name] = property.Value.GetRawText();
                return null;
        }
    }

    /// <summary>Sets an attribute; returns what is wrong with it.</summary>
    public EventFault? Set(string name, string value)
    {
        if (value.Length == 0 && IsText(name))
            return Wrong(name, "is empty");
        if (value.Length > ReceivedEvent.MaxAttributeLength)
        {
            return new EventFault(
                EventFaultKind.TooLong,
                name,
                string.Create(CultureInfo.InvariantCulture, $"has {value.Length} characters; at most {ReceivedEvent.MaxAttributeLength} are taken"));
        }

        if (WhyNoText(value) is { } noText)
            return Wrong(name, noText);
        if (name == "time")
        {
            if (!Rfc3339.TryRead(value, out var time))
                return Wrong(name, $"is '{value}', not {Rfc3339.Expected}");
            Time = time;
        }
        else if (name == "datacontenttype" && value != ReceivedEvent.PlainJson && !MediaTypeHeaderValue.TryParse(value, out _))
        {
            return Wrong(name, $"is '{value}', not a media type such as application/json");
        }

        _values[name] = value;
        return null;
    }

    /// <summary>What is wrong with all of them together.</summary>
    public EventFault? Check()
    {
        foreach (var required in (ReadOnlySpan<string>)["specversion", "id", "source", "type"])
        {
            if (!_values.ContainsKey(required))
                return Wrong(required, "is missing");
        }

        return _values["specversion"] == "1.0" ? null : Wrong("specversion", $"is '{_values["specversion"]}'; '1.0' is expected");
    }

    private static EventFault Wrong(string place, string what) =>
        new(EventFaultKind.NotAnEvent, ShownText.Of(place, MaxNameShown), what);

    /// <summary>Attributes of the specification: all are texts, and none may be empty.</summary>
    private static bool IsText(string name) => name is "specversion" or "id" or "source" or "type" or "subject" or "time" or "datacontenttype" or "dataschema";

    /// <summary>As the type system has integers: no fraction, no exponent, 32 bits.</summary>
    private static bool IsInteger(JsonElement number) => number.TryGetInt32(out _) && !number.GetRawText().AsSpan().ContainsAny('.', 'e', 'E');

    /// <summary>What no text of an attribute may have in it.</summary>
    private static string? WhyNoText(string value)
    {
        var rest = value.AsSpan();
        while (rest.Length > 0)
        {
            if (Rune.DecodeFromUtf16(rest, out var rune, out var length) != System.Buffers.OperationStatus.Done)
                return "has half a surrogate pair in it";
            if (Rune.IsControl(rune))
                return $"has a control character in it, {Name(rune)}";
            if (rune.Value is >= 0xfdd0 and <= 0xfdef || (rune.Value & 0xfffe) == 0xfffe)
                return $"has {Name(rune)} in it, which is no character";
            rest = rest[length..];
        }

        return null;
    }

    private static string Name(Rune rune) => string.Create(CultureInfo.InvariantCulture, $"U+{rune.Value:X4}");
}

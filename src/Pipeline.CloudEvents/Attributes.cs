using System.Collections.Frozen;
using System.Text.Json;
using CloudNative.CloudEvents;

namespace Pipeline.CloudEvents;

/// <summary>
/// The attributes of an event by the rules of <see href="https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md#type-system">CloudEvents
/// 1.0.2</see>, however they came. Types and values are checked by the SDK; ours is what it leaves open, or takes less of than the
/// specification: lengths, kinds of JSON, and times.
/// </summary>
internal sealed class Attributes
{
    private const int MaxNameLength = 20;
    private const int MaxNameShown = 60;
    private const string VersionName = "specversion";

    private static readonly CloudEventsSpecVersion V1 = CloudEventsSpecVersion.V1_0;
    private static readonly FrozenDictionary<string, CloudEventAttribute> Known = V1.AllAttributes.ToFrozenDictionary(a => a.Name, StringComparer.Ordinal);
    private static readonly CloudEventAttribute Extension = CloudEventAttribute.CreateExtension("any", CloudEventAttributeType.String);
    private static readonly string[] Required = [VersionName, .. V1.RequiredAttributes.Select(a => a.Name)];

    // The texts themselves: an event of the SDK would hold most as objects, and write them anew whenever one is asked for.
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);

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
                return Set(name, property.Value.GetRawText());
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

        try
        {
            // Times are ours: the SDK reads no leap second, no lower-case letter and no offset of more than 14 hours.
            if (name == "time")
            {
                if (!Rfc3339.TryRead(value, out var time))
                    return Wrong(name, $"is '{value}', not {Rfc3339.Expected}");
                Time = time;
            }
            else if (name != VersionName)
            {
                Known.GetValueOrDefault(name, Extension).Parse(value);
            }

            _values[name] = value;
            return null;
        }
        catch (ArgumentException e)
        {
            return Wrong(name, $"is refused: {(e.InnerException ?? e).Message}");
        }
    }

    /// <summary>What is wrong with all of them together.</summary>
    public EventFault? Check()
    {
        foreach (var required in Required)
        {
            if (!_values.ContainsKey(required))
                return Wrong(required, "is missing");
        }

        return _values[VersionName] == V1.VersionId ? null : Wrong(VersionName, $"is '{_values[VersionName]}'; '{V1.VersionId}' is expected");
    }

    /// <summary>As an event of the SDK, without data.</summary>
    public CloudEvent ToCloudEvent()
    {
        var cloudEvent = new CloudEvent(V1) { Time = Time };
        foreach (var (name, value) in _values)
        {
            if (name is not (VersionName or "time"))
                cloudEvent.SetAttributeFromString(name, value);
        }

        return cloudEvent;
    }

    private static EventFault Wrong(string place, string what) =>
        new(EventFaultKind.NotAnEvent, ShownText.Of(place, MaxNameShown), what);

    /// <summary>Attributes of the specification: all are texts, and none may be empty.</summary>
    private static bool IsText(string name) => name == VersionName || Known.ContainsKey(name);

    /// <summary>As the type system has integers: no fraction, no exponent, 32 bits.</summary>
    private static bool IsInteger(JsonElement number) => number.TryGetInt32(out _) && !number.GetRawText().AsSpan().ContainsAny('.', 'e', 'E');
}

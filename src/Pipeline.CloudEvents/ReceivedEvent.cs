using System.Net.Http.Headers;
using System.Runtime.InteropServices;
using System.Text.Json;
using CloudNative.CloudEvents;

namespace Pipeline.CloudEvents;

/// <summary>
/// A CloudEvent 1.0.2 as it came: the one reader that webhooks, the local Event Grid topic, consumers and <c>contracts validate</c>
/// have in common, so that none of them takes what another refuses. What the data has to be is for contracts to say.
/// </summary>
public sealed class ReceivedEvent
{
    /// <summary>The longest value of an attribute, in characters.</summary>
    public const int MaxAttributeLength = 1024;

    /// <summary>How deep an event may be: in an array, as in a batch or an Event Grid dead letter, all can still read it.</summary>
    public const int MaxDepth = StrictJson.MaxDepth - 1;

    /// <summary>How deep the data of an event may be.</summary>
    public const int MaxDataDepth = MaxDepth - 1;

    /// <summary>What nearly all events have; not to be parsed again for each.</summary>
    internal const string PlainJson = "application/json";

    private readonly Attributes _attributes;

    private ReceivedEvent(Attributes attributes) => _attributes = attributes;

    /// <summary>An attribute, as the text that it is or that stands for it; <see langword="null"/> if it is not there.</summary>
    /// <param name="name">Its name.</param>
    public string? this[string name] => _attributes[name];

    /// <summary>The attribute <c>time</c>; <see langword="null"/> if it is not there.</summary>
    public DateTimeOffset? Time => _attributes.Time;

    /// <summary>The data: JSON, or bytes; <see langword="null"/> if there is none.</summary>
    public ReadOnlyMemory<byte>? Data { get; private set; }

    /// <summary>Whether the data came as JSON. Bytes may hold JSON too.</summary>
    public bool IsJson { get; private set; }

    /// <summary>What is ambiguous in data that came as JSON, with its path within the data; <see langword="null"/> if nothing is.</summary>
    public JsonFault? DataFault { get; private set; }

    /// <summary>Whether <c>datacontenttype</c> says that the data is JSON in UTF-8, or nothing, which is the same.</summary>
    public bool IsOfJsonType => this["datacontenttype"] is not { } type || IsJsonType(type);

    /// <summary>Reads an event in structured mode (JSON event format 1.0.2, section 3).</summary>
    /// <param name="utf8">The JSON.</param>
    /// <param name="fault">What is wrong, if it is none.</param>
    /// <returns>The event; <see langword="null"/> if it is none.</returns>
    public static ReceivedEvent? Read(ReadOnlyMemory<byte> utf8, out EventFault fault)
    {
        if (Parse(utf8, out var ambiguous, out fault) is not { } document)
            return null;
        using (document)
        {
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                fault = new EventFault(EventFaultKind.NotAnEvent, "", $"an event is a JSON object, not a JSON {document.RootElement.ValueKind.ToString().ToLowerInvariant()}");
                return null;
            }

            var read = new ReceivedEvent(new Attributes());
            if ((read.Take(document.RootElement) ?? read._attributes.Check()) is { } wrong)
            {
                fault = wrong;
                return null;
            }

            read.DataFault = ambiguous;
            return read;
        }
    }

    /// <summary>Reads an event in binary mode (HTTP protocol binding 1.0.2, section 3.1).</summary>
    /// <param name="headers">The request's headers; those without an attribute are passed over.</param>
    /// <param name="contentType">The header <c>Content-Type</c>.</param>
    /// <param name="body">The data; none if it is empty.</param>
    /// <param name="fault">What is wrong, if it is none.</param>
    /// <returns>The event; <see langword="null"/> if it is none.</returns>
    public static ReceivedEvent? Read(
        IEnumerable<KeyValuePair<string, IReadOnlyList<string?>>> headers, string? contentType, ReadOnlyMemory<byte> body, out EventFault fault)
    {
        var read = new ReceivedEvent(new Attributes());
        if ((read.Take(headers) ?? read.TakeType(contentType) ?? read._attributes.Check() ?? read.TakeBody(body)) is { } wrong)
        {
            fault = wrong;
            return null;
        }

        fault = default;
        return read;
    }

    /// <summary>As an event of the SDK, without data.</summary>
    public CloudEvent ToCloudEvent() => _attributes.ToCloudEvent();

    /// <summary>What makes the data no JSON that everybody reads alike, with its path within the data; <see langword="null"/> if nothing does.</summary>
    public JsonFault? CheckJsonData() => IsJson || Data is not { } bytes ? DataFault : StrictJson.Check(bytes, MaxDataDepth);

    /// <summary>Whether a media type is JSON in UTF-8.</summary>
    /// <param name="mediaType">The media type.</param>
    public static bool IsJsonType(string? mediaType) =>
        mediaType == PlainJson
        || (MediaTypeHeaderValue.TryParse(mediaType, out var type)
            && type.MediaType is { } name
            && (name.EndsWith("/json", StringComparison.OrdinalIgnoreCase) || name.EndsWith("+json", StringComparison.OrdinalIgnoreCase))
            && IsUtf8(type.CharSet));

    /// <summary>Whether a charset is UTF-8, or not said.</summary>
    /// <param name="charset">The parameter of a media type, with or without quotes.</param>
    public static bool IsUtf8(string? charset) => charset is null || charset.Trim('"').Equals("utf-8", StringComparison.OrdinalIgnoreCase);

    /// <summary>Parses an event. What is ambiguous within its data only does not keep its attributes from being read.</summary>
    private static JsonDocument? Parse(ReadOnlyMemory<byte> utf8, out JsonFault? ambiguous, out EventFault fault)
    {
        (ambiguous, fault) = (null, default);
        if (StrictJson.TryParse(utf8, MaxDepth) is { } document)
            return document;
        if (JsonFaults.Find(utf8.Span, MaxDepth, except: "data") is { } found)
        {
            fault = new EventFault(found.Kind == JsonFaultKind.NotJson ? EventFaultKind.NotJson : EventFaultKind.NotAnEvent, found.Path, found.What);
            return null;
        }

        if (JsonFaults.Find(utf8.Span, MaxDepth, except: null) is { } within)
            ambiguous = within with { Path = "$" + within.Path["$.data".Length..] };
        return JsonDocument.Parse(utf8);
    }

    private EventFault? Take(JsonElement cloudEvent)
    {
        JsonElement? data = null;
        JsonElement? base64 = null;
        foreach (var property in cloudEvent.EnumerateObject())
        {
            // Section 2.2: null is as good as absent.
            if (property.Value.ValueKind == JsonValueKind.Null)
                continue;
            if (property.NameEquals("data"u8))
                data = property.Value;
            else if (property.NameEquals("data_base64"u8))
                base64 = property.Value;
            else if (_attributes.Set(property) is { } wrong)
                return wrong;
        }

        if (data is not null && base64 is not null)
            return new EventFault(EventFaultKind.NotAnEvent, "", "there are both 'data' and 'data_base64'");
        if (base64 is { } text)
        {
            if (text.ValueKind != JsonValueKind.String || !text.TryGetBytesFromBase64(out var bytes))
                return new EventFault(EventFaultKind.NotAnEvent, "data_base64", "is not Base64");
            Data = bytes;
        }
        else if (data is { } json)
        {
            (Data, IsJson) = (JsonMarshal.GetRawUtf8Value(json).ToArray(), true);
        }

        return null;
    }

    private EventFault? Take(IEnumerable<KeyValuePair<string, IReadOnlyList<string?>>> headers)
    {
        foreach (var (header, values) in headers)
        {
            if (!AttributeHeader.IsOne(header))
                continue;
            var name = header[AttributeHeader.Prefix.Length..].ToLowerInvariant();
            if (name is "datacontenttype" or "data")
                return Wrong(header, name == "data" ? "is no attribute: the data is the body" : "cannot be there in binary mode: 'Content-Type' says it (section 3.1.1)");
            if (Attributes.WhyNoName(name) is { } noName)
                return Wrong(header, noName);
            if (values.Count != 1 || this[name] is not null)
                return Wrong(header, values.Count > 1 ? FormattableString.Invariant($"is there {values.Count} times") : "is there twice");
            if (AttributeHeader.TryDecode(values[0] ?? "", out var value) is { } why)
                return Wrong(header, why);
            if (_attributes.Set(name, value) is { } wrong)
                return wrong with { Place = header };
        }

        return null;
    }

    private EventFault? TakeType(string? contentType) => string.IsNullOrWhiteSpace(contentType) ? null : _attributes.Set("datacontenttype", contentType.Trim());

    private EventFault? TakeBody(ReadOnlyMemory<byte> body)
    {
        if (body.IsEmpty)
            return null;
        (Data, IsJson) = (body, IsJsonType(this["datacontenttype"]));
        if (!IsJson || StrictJson.Check(body, MaxDataDepth) is not { } problem)
            return null;
        if (problem.Kind == JsonFaultKind.NotJson)
            return Wrong("data", $"cannot be read: {problem}");
        DataFault = problem;
        return null;
    }

    private static EventFault Wrong(string place, string what) => new(EventFaultKind.NotAnEvent, place, what);
}

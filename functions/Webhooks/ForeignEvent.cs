using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Net.Http.Headers;
using Pipeline.Messages;

namespace Pipeline.Functions;

/// <summary>
/// A CloudEvent of somebody else on its way in. Only what is known is taken over, under names that cannot be mistaken for
/// ours: source and id get the webhook's name in front, and of the extensions only <c>traceparent</c> and
/// <c>correlationid</c> pass. Above all no <c>sequence</c>, which would make ordering rules of it, no <c>causationid</c>,
/// which would claim one of our messages as its cause, and no <c>dataref</c>, which would have us fetch something.
/// </summary>
internal sealed class ForeignEvent
{
    private const int MaxAttributeLength = 1024;
    private const int MaxCorrelationIdLength = 64;

    private readonly Dictionary<string, string> _attributes = new(StringComparer.Ordinal);

    /// <summary>The data, JSON; empty if there is none.</summary>
    public ReadOnlyMemory<byte> Data { get; set; }

    /// <summary>Whether an attribute is of any interest here.</summary>
    public static bool Takes(string attribute) => attribute is
        "specversion" or "id" or "source" or "type" or "subject" or "time" or "datacontenttype" or "correlationid" or "traceparent";

    public string? this[string attribute] => _attributes.GetValueOrDefault(attribute);

    /// <summary>Sets an attribute; returns what is wrong with it, or <see langword="null"/>.</summary>
    public string? Set(string attribute, string value)
    {
        if (value.Length == 0)
            return $"'{attribute}' is empty";
        if (value.Length > MaxAttributeLength)
            return $"'{attribute}' has {value.Length} characters; at most {MaxAttributeLength} are taken";

        // CloudEvents 1.0.2, section "Type System": no control characters, no lone surrogates.
        if (value.AsSpan().ContainsAnyInRange('\0', '\x1f') || value.AsSpan().ContainsAnyInRange('\x7f', '\x9f') || HasLoneSurrogate(value))
            return $"'{attribute}' has a control character or half a character in it";
        _attributes[attribute] = value;
        return null;
    }

    /// <summary>Checks the event as a whole and writes it in structured mode; returns what is wrong, or <see langword="null"/>.</summary>
    public string? Write(WebhookSource webhook, out byte[] body)
    {
        body = [];
        foreach (var required in (ReadOnlySpan<string>)["specversion", "id", "source", "type"])
        {
            if (!_attributes.ContainsKey(required))
                return $"the attribute '{required}' is missing";
        }

        if (_attributes["specversion"] != "1.0")
            return $"'specversion' is '{_attributes["specversion"]}'; '1.0' is expected";
        if (!webhook.Types.Contains(_attributes["type"]))
            return $"'type' is '{_attributes["type"]}'; accepted here: {string.Join(", ", webhook.Types)}";
        if (this["datacontenttype"] is { } contentType && !IsJson(contentType))
            return $"'datacontenttype' is '{contentType}'; JSON is expected, in UTF-8";
        DateTimeOffset? time = null;
        if (this["time"] is { } text)
        {
            if (!TryReadTime(text, out var read))
                return $"'time' is '{text}'; a timestamp of RFC 3339 is expected, such as 2026-01-31T12:00:00Z";
            time = read;
        }

        body = Write(webhook, time);
        return null;
    }

    /// <summary>Whether a media type is JSON in UTF-8: <c>application/json</c>, <c>text/json</c> or <c>…+json</c>.</summary>
    public static bool IsJson(string contentType) =>
        MediaTypeHeaderValue.TryParse(contentType, out var type)
        && (type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase)
            || type.MediaType.Equals("text/json", StringComparison.OrdinalIgnoreCase)
            || type.Suffix.Equals("json", StringComparison.OrdinalIgnoreCase))
        && IsUtf8(type);

    public static bool IsUtf8(MediaTypeHeaderValue type) =>
        !type.Charset.HasValue || HeaderUtilities.RemoveQuotes(type.Charset).Equals("utf-8", StringComparison.OrdinalIgnoreCase);

    private byte[] Write(WebhookSource webhook, DateTimeOffset? time)
    {
        var buffer = new ArrayBufferWriter<byte>(Data.Length + 512);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("specversion"u8, "1.0"u8);
            writer.WriteString("id"u8, IdOf(webhook, _attributes["id"]));
            writer.WriteString("source"u8, $"{webhook.Consumer}:{_attributes["source"]}");
            writer.WriteString("type"u8, _attributes["type"]);
            if (this["subject"] is { } subject)
                writer.WriteString("subject"u8, subject);
            if (time is { } t)
                writer.WriteString("time"u8, t);
            if (this["correlationid"] is { } correlationId && IsCorrelationId(correlationId))
                writer.WriteString("correlationid"u8, correlationId);
            if (this["traceparent"] is { } traceParent && ActivityContext.TryParse(traceParent, null, out _))
                writer.WriteString("traceparent"u8, traceParent);
            if (!Data.IsEmpty)
            {
                writer.WriteString("datacontenttype"u8, "application/json"u8);
                writer.WritePropertyName("data"u8);
                writer.WriteRawValue(Data.Span, skipInputValidation: true); // Whoever set it has parsed it.
            }

            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>
    /// The id that we know it by: the webhook's name in front, so that it is none of ours (<c>service:partition:number</c>);
    /// a digest where it is too long for a message id, or has characters that not everything on the way can carry.
    /// </summary>
    private static string IdOf(WebhookSource webhook, string id)
    {
        var prefix = $"{Names.Webhooks}:{webhook.Name}:";
        return prefix.Length + id.Length <= IncomingMessage.MaxIdLength && !id.AsSpan().ContainsAnyExceptInRange('!', '~')
            ? prefix + id
            : prefix + "sha256-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(id)));
    }

    /// <summary>As the header <c>X-Correlation-ID</c>. One that cannot be used is left out: it is an aid, no condition.</summary>
    private static bool IsCorrelationId(string id) =>
        id.Length <= MaxCorrelationIdLength && id.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');

    private static bool TryReadTime(string text, out DateTimeOffset time)
    {
        time = default;
        return text.Length >= 20
            && text[10] is 'T' or 't'
            && (text[^1] is 'Z' or 'z' || text.AsSpan(19).ContainsAny('+', '-'))
            && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out time);
    }

    private static bool HasLoneSurrogate(string value)
    {
        for (var i = 0; i < value.Length; i++)
        {
            if (!char.IsSurrogate(value[i]))
                continue;
            if (i + 1 == value.Length || !char.IsSurrogatePair(value[i], value[i + 1]))
                return true;
            i++;
        }

        return false;
    }
}

using System.Buffers;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Pipeline.CloudEvents;
using Pipeline.Messages;

namespace Pipeline.Functions;

/// <summary>
/// A CloudEvent of somebody else on its way in. Only what is known is taken over, under names that cannot be mistaken for
/// ours: source and id get the webhook's name in front, and of the extensions only <c>traceparent</c> and
/// <c>correlationid</c> pass. Above all no <c>sequence</c>, which would make ordering rules of it, no <c>causationid</c>,
/// which would claim one of our messages as its cause, and no <c>dataref</c>, which would have us fetch something.
/// </summary>
internal static class ForeignEvent
{
    private const int MaxCorrelationIdLength = 64;

    /// <summary>Checks what the specification leaves to us, and writes the event in structured mode; returns what is wrong, or <see langword="null"/>.</summary>
    public static string? Write(ReceivedEvent read, WebhookSource webhook, out byte[] body)
    {
        body = [];
        var type = read["type"]!;
        if (!webhook.Types.Contains(type))
            return $"'type' is '{type}'; accepted here: {string.Join(", ", webhook.Types)}";
        if (!read.IsOfJsonType)
            return $"'datacontenttype' is '{read["datacontenttype"]}'; JSON is expected, in UTF-8";
        if (read.CheckJsonData() is { } wrong)
            return $"the data cannot be read: {wrong}";
        body = Write(read, webhook);
        return null;
    }

    private static byte[] Write(ReceivedEvent read, WebhookSource webhook)
    {
        var data = read.Data ?? default;
        var buffer = new ArrayBufferWriter<byte>(data.Length + 512);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("specversion"u8, "1.0"u8);
            writer.WriteString("id"u8, IdOf(webhook, read["id"]!));
            writer.WriteString("source"u8, SourceOf(webhook, read["source"]!));
            writer.WriteString("type"u8, read["type"]);
            if (read["subject"] is { } subject)
                writer.WriteString("subject"u8, subject);
            if (read.Time is { } time)
                writer.WriteString("time"u8, time);
            if (read["correlationid"] is { } correlationId && IsCorrelationId(correlationId))
                writer.WriteString("correlationid"u8, correlationId);
            if (read["traceparent"] is { } traceParent && ActivityContext.TryParse(traceParent, null, out _))
                writer.WriteString("traceparent"u8, traceParent);
            if (!data.IsEmpty)
            {
                writer.WriteString("datacontenttype"u8, "application/json"u8);
                writer.WritePropertyName("data"u8);
                writer.WriteRawValue(data.Span, skipInputValidation: true); // It has been parsed before.
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
            : prefix + DigestOf(id);
    }

    /// <summary>The source likewise: a digest where it is too long with the webhook's name in front.</summary>
    private static string SourceOf(WebhookSource webhook, string source)
    {
        var prefix = $"{webhook.Consumer}:";
        return prefix + (prefix.Length + source.Length <= IncomingMessage.MaxNameLength ? source : DigestOf(source));
    }

    private static string DigestOf(string text) => "sha256-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    /// <summary>As the header <c>X-Correlation-ID</c>. One that cannot be used is left out: it is an aid, no condition.</summary>
    private static bool IsCorrelationId(string id) =>
        id.Length <= MaxCorrelationIdLength && id.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');
}

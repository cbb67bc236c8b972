using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using CloudNative.CloudEvents;
using Pipeline.CloudEvents;
using Pipeline.Messages;

namespace Pipeline.AzureFunctions.Webhooks;

/// <summary>
/// A received CloudEvent of a partner. Only known attributes are kept, with names that differ from the pipeline's own: source
/// and id are prefixed with the webhook's name, and of the extensions only <c>traceparent</c> and <c>correlationid</c> are
/// kept. In particular, <c>sequence</c> (ordering rules), <c>causationid</c> (a false cause) and <c>dataref</c> (a fetch from
/// a foreign address) are dropped.
/// </summary>
internal static class ForeignEvent
{
    private const int MaxCorrelationIdLength = 64;

    /// <summary>Checks what the specification leaves open, and writes the event in structured mode; returns the error, or <see langword="null"/>.</summary>
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
        var cloudEvent = new CloudEvent
        {
            Id = IdOf(webhook, read["id"]!),
            Source = new Uri(SourceOf(webhook, read["source"]!), UriKind.Relative),
            Type = read["type"],
            Subject = read["subject"],
            Time = read.Time,
        };
        if (read["correlationid"] is { } correlationId && IsCorrelationId(correlationId))
            cloudEvent["correlationid"] = correlationId;
        if (read["traceparent"] is { } traceParent && ActivityContext.TryParse(traceParent, null, out _))
            cloudEvent["traceparent"] = traceParent;
        if (read.Data is { IsEmpty: false } data)
        {
            cloudEvent.DataContentType = "application/json";
            cloudEvent.Data = data;
        }

        return EventFormatter.Ascii.Write(cloudEvent).ToArray();
    }

    /// <summary>
    /// Gets the stored id: prefixed with the webhook's name, so that it differs from the pipeline's own (<c>service:partition:number</c>);
    /// a digest if it is too long for a message id, or has characters that not every transport supports.
    /// </summary>
    private static string IdOf(WebhookSource webhook, string id)
    {
        var prefix = $"{WebhookSource.Topic}:{webhook.Name}:";
        return prefix.Length + id.Length <= IncomingMessage.MaxIdLength && !id.AsSpan().ContainsAnyExceptInRange('!', '~')
            ? prefix + id
            : prefix + DigestOf(id);
    }

    /// <summary>Gets the stored source likewise: a digest if it is too long with the prefix.</summary>
    private static string SourceOf(WebhookSource webhook, string source)
    {
        var prefix = $"{webhook.Consumer}:";
        return prefix + (prefix.Length + source.Length <= IncomingMessage.MaxNameLength ? source : DigestOf(source));
    }

    private static string DigestOf(string text) => "sha256-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    /// <summary>As the header <c>X-Correlation-ID</c>. An invalid one is dropped, because it is optional.</summary>
    private static bool IsCorrelationId(string id) =>
        id.Length <= MaxCorrelationIdLength && id.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');
}

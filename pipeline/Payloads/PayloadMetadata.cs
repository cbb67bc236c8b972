using System.Globalization;
using System.Xml.Linq;

namespace Pipeline.Payloads;

/// <summary>A payload's origin as blob metadata: ASCII headers, escaped where they are not.</summary>
internal static class PayloadMetadata
{
    public static IEnumerable<(string Name, string Value)> Of(PayloadOrigin? origin)
    {
        if (origin is null)
            yield break;
        yield return ("service", Uri.EscapeDataString(origin.Service));
        yield return ("partition", Uri.EscapeDataString(origin.Partition));
        yield return ("number", origin.Number.ToString(CultureInfo.InvariantCulture));
        yield return ("record", origin.Record.ToString(CultureInfo.InvariantCulture));
        yield return ("type", Uri.EscapeDataString(origin.Type));
        yield return ("key", Uri.EscapeDataString(origin.Key));
        yield return ("eventid", Uri.EscapeDataString(origin.EventId));
        yield return ("fact", origin.IsFact ? "true" : "false");
    }

    /// <summary>A blob as a listing shows it (List Blobs, response body).</summary>
    public static StoredPayload Read(XElement blob)
    {
        var properties = blob.Element("Properties")!;
        return new StoredPayload(
            blob.Element("Name")!.Value,
            ETagOf(properties.Element("Etag")!.Value),
            DateTimeOffset.Parse(properties.Element("Last-Modified")!.Value, CultureInfo.InvariantCulture),
            OriginOf(blob.Element("Metadata")));
    }

    /// <summary>A listing shows it without the quotes that a header needs.</summary>
    private static string ETagOf(string value) => value.StartsWith('"') ? value : $"\"{value}\"";

    private static PayloadOrigin? OriginOf(XElement? metadata)
    {
        var values = metadata?.Elements().ToDictionary(e => e.Name.LocalName, e => Uri.UnescapeDataString(e.Value), StringComparer.OrdinalIgnoreCase);
        return values is not null
            && values.TryGetValue("service", out var service)
            && values.TryGetValue("partition", out var partition)
            && long.TryParse(values.GetValueOrDefault("number"), CultureInfo.InvariantCulture, out var number)
            && long.TryParse(values.GetValueOrDefault("record"), CultureInfo.InvariantCulture, out var record)
            && values.TryGetValue("type", out var type)
            && values.TryGetValue("key", out var key)
            && values.TryGetValue("eventid", out var eventId)
            && bool.TryParse(values.GetValueOrDefault("fact"), out var isFact)
                ? new PayloadOrigin(service, partition, number, record, type, key, eventId, isFact)
                : null;
    }
}

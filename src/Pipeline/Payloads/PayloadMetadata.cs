using Azure.Storage.Blobs.Models;

namespace Pipeline.Payloads;

/// <summary>A payload's origin as blob metadata: ASCII headers, escaped where they are not.</summary>
internal static class PayloadMetadata
{
    public static Dictionary<string, string>? Of(PayloadOrigin? origin) => origin is null ? null : new(StringComparer.Ordinal)
    {
        ["service"] = Uri.EscapeDataString(origin.Service),
        ["partition"] = Uri.EscapeDataString(origin.Partition),
        ["number"] = origin.Number.ToString(CultureInfo.InvariantCulture),
        ["record"] = origin.Record.ToString(CultureInfo.InvariantCulture),
        ["type"] = Uri.EscapeDataString(origin.Type),
        ["key"] = Uri.EscapeDataString(origin.Key),
        ["eventid"] = Uri.EscapeDataString(origin.EventId),
        ["fact"] = origin.IsEvent ? "true" : "false",
    };

    /// <summary>A blob as a listing shows it.</summary>
    public static StoredPayload Read(BlobItem blob) =>
        new(blob.Name, blob.Properties.ETag!.Value.ToString("H"), blob.Properties.LastModified!.Value, OriginOf(blob.Metadata));

    private static PayloadOrigin? OriginOf(IDictionary<string, string>? metadata)
    {
        var values = metadata?.ToDictionary(e => e.Key, e => Uri.UnescapeDataString(e.Value), StringComparer.OrdinalIgnoreCase);
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

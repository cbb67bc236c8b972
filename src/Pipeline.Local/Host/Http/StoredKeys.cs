using System.Text.Json.Serialization;

namespace Pipeline.Local.Hosting;

/// <summary>The keys as they are kept.</summary>
internal sealed record StoredKeys(
    [property: JsonPropertyName("master")] string Master,
    [property: JsonPropertyName("host")] string Host,
    [property: JsonPropertyName("eventgrid_extension")] string EventGrid);

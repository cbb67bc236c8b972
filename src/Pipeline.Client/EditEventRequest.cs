using System.Text.Json;
using System.Text.Json.Serialization;

namespace Pipeline.Client;

/// <summary>Edits all open dead letters of one event, at all consumers.</summary>
/// <param name="EventId">Required: CloudEvents id.</param>
/// <param name="Source">CloudEvents source; required if events of several sources have the id.</param>
/// <param name="Patch">A JSON Patch (RFC 6902) of the event's data.</param>
/// <param name="Replacement">The new data.</param>
/// <param name="Why">Required: the reason; it is stored.</param>
/// <param name="By">Required: who edits; it is stored.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record EditEventRequest(
    string? EventId, string? Source, JsonElement? Patch, JsonElement? Replacement, string? Why, string? By);

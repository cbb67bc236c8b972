using System.Text.Json;
using System.Text.Json.Serialization;

namespace Pipeline.Client;

/// <summary>Edits the event's data of a dead letter, by a patch or a replacement.</summary>
/// <param name="Patch">A JSON Patch (RFC 6902) of the event's data.</param>
/// <param name="Replacement">The new data, or a whole event for a body that is no event.</param>
/// <param name="Why">Required: the reason; it is stored.</param>
/// <param name="By">Required: who edits; it is stored.</param>
/// <param name="From">The number of edits that the caller has seen; it is refused if there are others.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record EditRequest(JsonElement? Patch, JsonElement? Replacement, string? Why, string? By, int? From);

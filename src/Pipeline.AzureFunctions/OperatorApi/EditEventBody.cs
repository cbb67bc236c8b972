using System.Text.Json;
using System.Text.Json.Serialization;

namespace Pipeline.AzureFunctions.OperatorApi;

[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record EditEventBody(
    string? EventId, string? Source, JsonElement? Patch, JsonElement? Replacement, string? Why, string? By);

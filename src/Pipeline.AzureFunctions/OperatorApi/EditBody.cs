using System.Text.Json;
using System.Text.Json.Serialization;

namespace Pipeline.AzureFunctions.OperatorApi;

[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record EditBody(JsonElement? Patch, JsonElement? Replacement, string? Why, string? By, int? From);

using System.Text.Json;
using System.Text.Json.Serialization;

namespace Pipeline.AzureFunctions.OperatorApi;

[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record EditGroupBody(
    string? Fingerprint, string? Consumer, int? Count, DateTimeOffset? Before, JsonElement? Patch, string? Why, string? By, int? Limit, string? Continuation);

using System.Text.Json.Serialization;

namespace Pipeline.AzureFunctions.OperatorApi;

[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record ReleaseGroupBody(string? Reason, string? Type, DateTimeOffset? Before, int? Limit);

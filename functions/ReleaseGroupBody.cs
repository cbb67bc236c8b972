using System.Text.Json.Serialization;

namespace Pipeline.Functions;

[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record ReleaseGroupBody(string? Reason, string? Type, DateTimeOffset? Before, int? Limit);

using System.Text.Json.Serialization;

namespace Pipeline.Functions;

[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record CancelOrderBody(string? Reason);

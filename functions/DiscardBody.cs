using System.Text.Json.Serialization;

namespace Pipeline.Functions;

[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record DiscardBody(string? Reason, string? By);

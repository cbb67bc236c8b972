using System.Text.Json.Serialization;

namespace Pipeline.Functions;

[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record StopReplayBody(string? By, string? Why);

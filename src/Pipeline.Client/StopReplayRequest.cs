using System.Text.Json.Serialization;

namespace Pipeline.Client;

/// <summary>Stops a replay.</summary>
/// <param name="By">Required: who stops it; it is stored.</param>
/// <param name="Why">The reason; it is stored.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record StopReplayRequest(string? By, string? Why);

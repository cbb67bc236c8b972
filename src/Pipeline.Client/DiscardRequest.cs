using System.Text.Json.Serialization;

namespace Pipeline.Client;

/// <summary>Discards a dead letter or an outbox message.</summary>
/// <param name="Reason">Required: the reason; it is stored.</param>
/// <param name="By">Required: who discards it; it is stored.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record DiscardRequest(string? Reason, string? By);

using System.Text.Json.Serialization;

namespace Pipeline.Client;

/// <summary>Releases one step of a group of quarantined outbox messages. Needs a reason or a type.</summary>
/// <param name="Reason">Only those with this text in the reason.</param>
/// <param name="Type">Only those with a message of this type.</param>
/// <param name="Before">Only those that were quarantined before then. Default: now.</param>
/// <param name="Limit">The most messages of this step.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record ReleaseGroupRequest(string? Reason, string? Type, DateTimeOffset? Before, int? Limit);

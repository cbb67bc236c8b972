using System.Text.Json.Serialization;

namespace Pipeline.Client;

/// <summary>Discards one step of a group of dead letters. Send the same request until none remains.</summary>
/// <param name="Fingerprint">Required: the group.</param>
/// <param name="Consumer">Only those of this consumer.</param>
/// <param name="Count">Required: the <see cref="DeadLetterGroup.Count"/> that was seen.</param>
/// <param name="Before">Required: the <see cref="DeadLetterGroupList.AsOf"/> that was seen.</param>
/// <param name="Limit">The most dead letters of this step.</param>
/// <param name="Reason">Required: the reason; it is stored.</param>
/// <param name="By">Required: who discards them; it is stored.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record DiscardGroupRequest(string? Fingerprint, string? Consumer, int? Count, DateTimeOffset? Before, int? Limit, string? Reason, string? By);

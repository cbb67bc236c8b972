using System.Text.Json;
using System.Text.Json.Serialization;

namespace Pipeline.Client;

/// <summary>Edits one step of a group of dead letters. Continue with the answer's continuation until there is none.</summary>
/// <param name="Fingerprint">Required: the group.</param>
/// <param name="Consumer">Only those of this consumer.</param>
/// <param name="Count">Required: the <see cref="DeadLetterGroup.Count"/> that was seen.</param>
/// <param name="Before">Required: the <see cref="DeadLetterGroupList.AsOf"/> that was seen.</param>
/// <param name="Patch">Required: a JSON Patch (RFC 6902) of the data of each event.</param>
/// <param name="Why">Required: the reason; it is stored.</param>
/// <param name="By">Required: who edits; it is stored.</param>
/// <param name="Limit">The most dead letters of this step.</param>
/// <param name="Continuation">The <see cref="GroupEdit.Continuation"/> of the step before; <see langword="null"/> for the first one.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record EditGroupRequest(
    string? Fingerprint, string? Consumer, int? Count, DateTimeOffset? Before, JsonElement? Patch, string? Why, string? By, int? Limit, string? Continuation);

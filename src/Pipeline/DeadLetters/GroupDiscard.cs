using System.Text.Json.Serialization;

namespace Pipeline.DeadLetters;

/// <summary>What a step of discarding a group came to.</summary>
/// <param name="Discarded">Entries that this step closed.</param>
/// <param name="Remaining">Open entries of the group that are left; the next step continues with them.</param>
public sealed record GroupDiscard(int Discarded, int Remaining)
{
    /// <summary>Gets the reason why nothing was discarded: the group has more open entries than were confirmed. <see langword="null"/> if it has not.</summary>
    [JsonIgnore]
    public string? Refusal { get; init; }
}

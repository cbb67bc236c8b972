using System.Text.Json.Serialization;

namespace Pipeline.DeadLetters;

/// <summary>One line of an entry's history.</summary>
internal sealed class DeadLetterHistoryEntry
{
    [JsonPropertyName("at")]
    public required DateTimeOffset At { get; init; }

    [JsonPropertyName("what")]
    public required string What { get; init; }
}

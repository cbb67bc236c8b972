using System.Text.Json.Serialization;

namespace Pipeline.Storage;

/// <summary>Where one consumer stands in one partition.</summary>
internal sealed class ConsumerPosition
{
    /// <summary>Per source, the last sequence that had its effect. Moved by handling and by nothing else.</summary>
    [JsonPropertyName("handled")]
    public Dictionary<string, long> Handled { get; init; } = new(StringComparer.Ordinal);

    /// <summary>Id of the dead letter that blocks this subject at this consumer; <see langword="null"/> if none does.</summary>
    [JsonPropertyName("blocked")]
    public DeadLetterId? Blocked { get; set; }

    /// <summary>Place of the blocking entry in its subject.</summary>
    [JsonPropertyName("blockedPlace")]
    public string? BlockedPosition { get; set; }

    /// <summary>Open in-order dead letters, the blocking dead letter's included.</summary>
    [JsonPropertyName("open")]
    public int Open { get; set; }

    /// <summary>Dead letters ever made here. While there are none, there is none to look for.</summary>
    [JsonPropertyName("entries")]
    public long Entries { get; set; }

    /// <summary>Last ordinal given to an entry whose message has no sequence.</summary>
    [JsonPropertyName("ordinal")]
    public long Ordinal { get; set; }

    /// <summary>Highest sequence among the entries made so far, so that what has no sequence is placed behind them.</summary>
    [JsonPropertyName("highest")]
    public long Highest { get; set; }
}

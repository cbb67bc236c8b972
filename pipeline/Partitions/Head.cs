using System.Text.Json.Serialization;

namespace Pipeline.Partitions;

/// <summary>
/// The head of a partition: replaced with <c>If-Match</c> by every commit, so that the commits of one partition are
/// serial. All numbers start at 1; 0 means none yet.
/// </summary>
internal sealed class Head
{
    [JsonPropertyName("id")]
    public string Id { get; init; } = Messages.Ids.Head;

    [JsonPropertyName("pk")]
    public required string Partition { get; init; }

    [JsonPropertyName("kind")]
    public string Kind { get; init; } = RecordKinds.Head;

    /// <summary>Number of the last outgoing message.</summary>
    [JsonPropertyName("number")]
    public long Number { get; set; }

    /// <summary>How many commits there have been; the position for read-your-write.</summary>
    [JsonPropertyName("commits")]
    public long Commits { get; set; }

    /// <summary>Version of the event stream, if the aggregate is event-sourced.</summary>
    [JsonPropertyName("version")]
    public long Version { get; set; }

    /// <summary>Version of the stream that the snapshot holds.</summary>
    [JsonPropertyName("snapshotVersion")]
    public long SnapshotVersion { get; set; }

    /// <summary>Whether the aggregate is stored as a document and has one; false in heads of older releases, of which that is not known.</summary>
    [JsonPropertyName("hasState")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool HasState { get; set; }

    [JsonPropertyName("consumers")]
    public Dictionary<string, ConsumerPosition> Consumers { get; init; } = new(StringComparer.Ordinal);

    /// <summary>The stored etag; <see langword="null"/> while the partition has no head yet.</summary>
    [JsonPropertyName("_etag")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ETag { get; set; }

    public ConsumerPosition Of(string consumer)
    {
        if (!Consumers.TryGetValue(consumer, out var position))
            Consumers.Add(consumer, position = new ConsumerPosition());
        return position;
    }
}

/// <summary>Where one consumer stands in one partition.</summary>
internal sealed class ConsumerPosition
{
    /// <summary>Per source, the last sequence that had its effect. Moved by handling and by nothing else.</summary>
    [JsonPropertyName("handled")]
    public Dictionary<string, long> Handled { get; init; } = new(StringComparer.Ordinal);

    /// <summary>Id of the ledger entry that blocks this subject at this consumer; <see langword="null"/> if none does.</summary>
    [JsonPropertyName("blocked")]
    public string? Blocked { get; set; }

    /// <summary>Place of the blocking entry in the subject's line.</summary>
    [JsonPropertyName("blockedPlace")]
    public string? BlockedPlace { get; set; }

    /// <summary>Open in-order ledger entries, the blocked head's included.</summary>
    [JsonPropertyName("open")]
    public int Open { get; set; }

    /// <summary>Ledger entries ever made here. While there are none, nobody has to look for one.</summary>
    [JsonPropertyName("entries")]
    public long Entries { get; set; }

    /// <summary>Last ordinal given to an entry whose message has no sequence.</summary>
    [JsonPropertyName("ordinal")]
    public long Ordinal { get; set; }

    /// <summary>Highest sequence among the entries made so far, so that what has no sequence is placed behind them.</summary>
    [JsonPropertyName("highest")]
    public long Highest { get; set; }
}

/// <summary>Values of the <c>kind</c> property that every record has.</summary>
internal static class RecordKinds
{
    public const string Head = "head";
    public const string State = "state";
    public const string Event = "event";
    public const string Snapshot = "snapshot";
    public const string Inbox = "inbox";
    public const string Outbox = "outbox";
    public const string Discarded = "discarded";
    public const string Published = "published";
    public const string Damage = "damage";
    public const string GivenBack = "givenback";
    public const string DeadLetter = "deadletter";
    public const string Replay = "replay";
}

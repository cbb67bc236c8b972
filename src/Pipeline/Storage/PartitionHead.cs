using System.Text.Json.Serialization;

namespace Pipeline.Storage;

/// <summary>
/// The head of a partition: replaced with <c>If-Match</c> by every commit, so that the commits of one partition are
/// serial. All numbers start at 1; 0 means none yet.
/// </summary>
internal sealed class PartitionHead
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

using System.Text.Json;
using System.Text.Json.Serialization;

namespace Pipeline.Storage;

/// <summary>
/// The head of a partition: replaced with <c>If-Match</c> by every commit, so that the commits of one partition are
/// serial. All numbers start at 1; 0 means none yet.
/// </summary>
internal sealed class PartitionHead
{
    [JsonPropertyName("id")]
    public string Id { get; init; } = Ids.Head;

    [JsonPropertyName("pk")]
    public required Partition Partition { get; init; }

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
    public Dictionary<ConsumerName, ConsumerPosition> Consumers { get; init; } = [];

    /// <summary>The stored etag; <see langword="null"/> while the partition has no head yet.</summary>
    [JsonPropertyName("_etag")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ETag { get; set; }

    /// <summary>The position of a consumer, to be read; an empty one where the consumer has none.</summary>
    public ConsumerPosition PositionOf(ConsumerName consumer) => Consumers.GetValueOrDefault(consumer) ?? new ConsumerPosition();

    /// <summary>The position of a consumer, to be changed.</summary>
    public ConsumerPosition ChangePositionOf(ConsumerName consumer)
    {
        if (!Consumers.TryGetValue(consumer, out var position))
            Consumers.Add(consumer, position = new ConsumerPosition());
        return position;
    }

    /// <summary>Reads a stored head.</summary>
    /// <exception cref="DamagedPartitionException">It cannot be read, or contradicts itself.</exception>
    public static PartitionHead Parse(string container, Partition partition, JsonDocument document)
    {
        PartitionHead? head;
        try
        {
            head = document.RootElement.Deserialize(StorageJson.Default.PartitionHead);
        }
        catch (JsonException e)
        {
            throw new DamagedPartitionException(container, partition, $"its head cannot be read ({e.Message})", canBeRecorded: false, e);
        }

        var contradiction = head switch
        {
            { Consumers: null } => "has no consumers",
            _ when head!.Consumers.Values.Any(c => c?.Handled is null) => "has a consumer without positions",
            { Version: < 0 } or { SnapshotVersion: < 0 } or { Number: < 0 } or { Commits: < 0 } => "has a negative number",
            _ when head.SnapshotVersion > head.Version => "has a snapshot of a version that it has not reached",
            _ => null,
        };
        return contradiction is null ? head : throw new DamagedPartitionException(container, partition, $"its head {contradiction}", canBeRecorded: false);
    }
}

using System.Text.Json.Serialization;
using Pipeline.Ledger;

namespace Pipeline.Replays;

/// <summary>
/// A replay as a document: what was selected, by whom and why, and how far it is. Its partition, in a container of its
/// own, holds the <see cref="LaneRecord"/> of every subject too; both change in one batch, so the counts are exact.
/// </summary>
internal sealed class PlanRecord
{
    public const string RecordId = "plan";

    [JsonPropertyName("id")]
    public string Id { get; init; } = RecordId;

    /// <summary>The replay's id.</summary>
    [JsonPropertyName("pk")]
    public required string ReplayId { get; init; }

    [JsonPropertyName("kind")]
    public string Kind { get; init; } = "plan";

    [JsonPropertyName("status")]
    public required string Status { get; set; }

    [JsonPropertyName("detail")]
    public string? Detail { get; set; }

    [JsonPropertyName("selection")]
    public required LedgerFilter Selection { get; init; }

    [JsonPropertyName("by")]
    public string? By { get; init; }

    [JsonPropertyName("why")]
    public string? Why { get; init; }

    /// <summary>The most messages per second.</summary>
    [JsonPropertyName("rate")]
    public required int Rate { get; init; }

    /// <summary>Subjects that may fail before the rest is left alone; 0 for any number.</summary>
    [JsonPropertyName("maxFailed")]
    public int MaxFailed { get; init; }

    [JsonPropertyName("createdAt")]
    public required DateTimeOffset CreatedAt { get; init; }

    [JsonPropertyName("startedAt")]
    public DateTimeOffset? StartedAt { get; set; }

    [JsonPropertyName("finishedAt")]
    public DateTimeOffset? FinishedAt { get; set; }

    [JsonPropertyName("subjects")]
    public int Subjects { get; set; }

    /// <summary>Messages that waited when it was planned, the blocked heads included.</summary>
    [JsonPropertyName("entries")]
    public long Entries { get; set; }

    /// <summary>Messages of the subject that has the most.</summary>
    [JsonPropertyName("longest")]
    public int Longest { get; set; }

    [JsonPropertyName("groups")]
    public IReadOnlyList<ReplayGroup> Groups { get; set; } = [];

    [JsonPropertyName("left")]
    public ReplayLeft Left { get; set; } = new(0, 0);

    /// <summary>Number of the last lane that was started.</summary>
    [JsonPropertyName("cursor")]
    public int Cursor { get; set; }

    /// <summary>Subjects that are replayed side by side; the time between two messages of one of them follows from it.</summary>
    [JsonPropertyName("slots")]
    public int Slots { get; set; }

    [JsonPropertyName("completed")]
    public int Completed { get; set; }

    [JsonPropertyName("failed")]
    public int Failed { get; set; }

    /// <summary>Which subject failed first, and why.</summary>
    [JsonPropertyName("firstFailure")]
    public string? FirstFailure { get; set; }

    [JsonPropertyName("skipped")]
    public int Skipped { get; set; }

    /// <summary>Messages that turned out to have had their effect before, of subjects that are over.</summary>
    [JsonPropertyName("alreadyHandled")]
    public long AlreadyHandled { get; set; }

    /// <summary>Messages sent for subjects that are over.</summary>
    [JsonPropertyName("sent")]
    public long Sent { get; set; }

    [JsonPropertyName("ttl")]
    public int TtlSeconds { get; set; } = LaneRecord.KeptSeconds;

    [JsonPropertyName("_etag")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ETag { get; set; }

    [JsonIgnore]
    public int Running => Cursor - Completed - Failed - Skipped;

    /// <summary>Time between two messages of one subject, so that all together keep the rate.</summary>
    [JsonIgnore]
    public int IntervalMilliseconds => (int)Math.Ceiling(Math.Max(1, Slots) * 1000.0 / Rate);
}

/// <summary>One subject of a replay.</summary>
internal sealed class LaneRecord
{
    /// <summary>Plans are kept for 90 days after their last change.</summary>
    public const int KeptSeconds = 90 * 24 * 60 * 60;

    [JsonPropertyName("id")]
    public required string Id { get; init; }

    [JsonPropertyName("pk")]
    public required string ReplayId { get; init; }

    [JsonPropertyName("kind")]
    public string Kind { get; init; } = "lane";

    [JsonPropertyName("number")]
    public required int Number { get; init; }

    [JsonPropertyName("container")]
    public required string Container { get; init; }

    [JsonPropertyName("partition")]
    public required string Partition { get; init; }

    [JsonPropertyName("consumer")]
    public required string Consumer { get; init; }

    /// <summary>The blocked head when it was planned.</summary>
    [JsonPropertyName("entry")]
    public required string Entry { get; init; }

    /// <summary>Whether nothing but that entry is meant.</summary>
    [JsonPropertyName("only")]
    public bool Only { get; init; }

    [JsonPropertyName("place")]
    public required string Place { get; init; }

    [JsonPropertyName("type")]
    public string? Type { get; init; }

    [JsonPropertyName("reason")]
    public required string Reason { get; init; }

    /// <summary>Messages that waited when it was planned, the head included.</summary>
    [JsonPropertyName("waiting")]
    public required int Waiting { get; init; }

    [JsonPropertyName("status")]
    public required string Status { get; set; }

    [JsonPropertyName("detail")]
    public string? Detail { get; set; }

    [JsonPropertyName("sent")]
    public int Sent { get; set; }

    [JsonPropertyName("alreadyHandled")]
    public int AlreadyHandled { get; set; }

    /// <summary>The earliest time of its first message; inherited from the lane before it, so that the rate holds.</summary>
    [JsonPropertyName("notBefore")]
    public DateTimeOffset? NotBefore { get; set; }

    [JsonPropertyName("ttl")]
    public int TtlSeconds { get; set; } = KeptSeconds;

    [JsonPropertyName("_etag")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ETag { get; set; }

    /// <summary>Name of the replay of this subject, in its own partition.</summary>
    [JsonIgnore]
    public string LaneId => string.Create(null, $"{ReplayId}-{Number}");

    public static string IdOf(int number) => string.Create(null, $"lane:{number:D7}");
}

using System.Text.Json.Serialization;
using Pipeline.Client;
using Pipeline.Storage;

namespace Pipeline.Replay;

/// <summary>
/// A replay as a document: what was selected, by whom and why, and how far it is. Its partition, in a container of its
/// own, holds the <see cref="ReplaySubjectRecord"/> of every subject too; both change in one batch, so the counts are exact.
/// </summary>
internal sealed class ReplayRecord
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
    public required DeadLetterFilter Selection { get; init; }

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

    /// <summary>Messages that waited when it was planned, the blocking dead letters included.</summary>
    [JsonPropertyName("entries")]
    public long Entries { get; set; }

    /// <summary>Messages of the subject that has the most.</summary>
    [JsonPropertyName("longest")]
    public int Longest { get; set; }

    [JsonPropertyName("groups")]
    public IReadOnlyList<ReplayGroup> Groups { get; set; } = [];

    [JsonPropertyName("left")]
    public ReplayExclusions Left { get; set; } = new(0, 0);

    /// <summary>Number of the last subject that was started.</summary>
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
    public int TtlSeconds { get; set; } = ReplaySubjectRecord.KeptSeconds;

    [JsonPropertyName("_etag")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ETag { get; set; }

    [JsonIgnore]
    public int Running => Cursor - Completed - Failed - Skipped;

    /// <summary>Time between two messages of one subject, so that all together keep the rate.</summary>
    [JsonIgnore]
    public int IntervalMilliseconds => (int)Math.Ceiling(Math.Max(1, Slots) * 1000.0 / Rate);
}

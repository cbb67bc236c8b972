using System.Text.Json.Serialization;

namespace Pipeline.Cli.Http;

internal sealed record Replay(
    string ReplayId,
    string? Status,
    string? Detail,
    string? By,
    string? Why,
    int? Rate,
    long Subjects,
    long Entries,
    IReadOnlyList<ReplayGroup>? Groups,
    ReplayLeft? Left,
    double? EstimatedSeconds,
    long Running,
    long Completed,
    long Failed,
    long Skipped,
    long Sent,
    long AlreadyHandled,
    DateTimeOffset? CreatedAt,
    DateTimeOffset? StartedAt,
    DateTimeOffset? FinishedAt)
{
    [JsonIgnore]
    public bool IsOver => Status is "completed" or "stopped" or "failed";

    /// <summary>What changes while it is applied.</summary>
    [JsonIgnore]
    public (string? Status, long Over, long Sent) Progress => (Status, Completed + Failed + Skipped, Sent);
}

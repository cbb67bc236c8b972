using Pipeline.Client;
using Pipeline.Storage;

namespace Pipeline.Replay;

/// <summary>Shows stored replays.</summary>
internal static class ReplaySummaries
{
    public static ReplaySummary Of(ReplayRecord plan) => new()
    {
        ReplayId = plan.ReplayId,
        Status = plan.Status,
        Detail = plan.Detail,
        Selection = Of(plan.Selection),
        By = plan.By,
        Why = plan.Why,
        Rate = plan.Rate,
        Subjects = plan.Subjects,
        Entries = plan.Entries,
        Groups = plan.Groups,
        Left = plan.Left,
        EstimatedSeconds = Math.Round(Math.Max(plan.Entries / (double)plan.Rate, plan.Longest * 0.25), 1),
        Running = plan.Running,
        Completed = plan.Completed,
        Failed = plan.Failed,
        Skipped = plan.Skipped,
        Sent = plan.Sent,
        AlreadyHandled = plan.AlreadyHandled,
        CreatedAt = plan.CreatedAt,
        StartedAt = plan.StartedAt,
        FinishedAt = plan.FinishedAt,
    };

    private static DeadLetterSelection Of(DeadLetterFilter filter) => new()
    {
        Id = filter.Id,
        Consumer = filter.Consumer,
        Subject = filter.Partition,
        Type = filter.Type,
        Event = filter.EventId,
        Source = filter.Source,
        Reason = filter.Reason,
        Fingerprint = filter.Fingerprint,
        From = filter.From,
        To = filter.To,
    };

    public static ReplaySubject Of(ReplaySubjectRecord lane) => new(
        lane.Number, lane.Container, lane.Partition.Value, lane.Consumer.Value, lane.Entry.Value, lane.Type, lane.Reason, lane.Waiting, lane.Status, lane.Detail, lane.Sent, lane.AlreadyHandled, lane.Only);
}

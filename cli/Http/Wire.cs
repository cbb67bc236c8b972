using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Pipeline.Cli.Http;

internal sealed record Health(string? Status);

internal sealed record ContainerStatus(
    string Container, long BlockedSubjects, long OpenDeadLetters, long Parked, long Unpublished, double? OldestUnpublishedSeconds,
    long? Held = null, IReadOnlyList<ConsumerStatus>? Consumers = null, long Damaged = 0);

internal sealed record ConsumerStatus(string Consumer, long BlockedSubjects, DateTimeOffset? OldestBlockedSince, long OpenDeadLetters, long Held);

internal sealed record BlockedEntry(
    string Container,
    string Partition,
    string Consumer,
    string? Entry,
    string? Status,
    string? Reason,
    DateTimeOffset? Since,
    DateTimeOffset? RetryAt,
    long Waiting,
    string? Detail = null);

internal sealed record ConsumerActivity(string Container, string Consumer, long Handled, double? P50Ms, double? P99Ms, double? MaxMs);

internal sealed record Activity(
    DateTimeOffset From, DateTimeOffset To, bool More, IReadOnlyList<ConsumerActivity>? Consumers, string Continuation);

internal sealed record PipelineStatus(
    long BlockedSubjects,
    long OpenDeadLetters,
    long Parked,
    long Unpublished,
    double? OldestUnpublishedSeconds,
    IReadOnlyList<ContainerStatus>? Containers,
    long? Held = null,
    BrokerStatus? Broker = null,
    long Damaged = 0);

/// <summary>What waits in the broker; <see langword="null"/> from a pipeline that does not tell.</summary>
internal sealed record BrokerStatus(DateTimeOffset LookedAt, string? Error, long Waiting, IReadOnlyList<QueueStatus>? Queues);

internal sealed record QueueStatus(
    string Consumer, long Waiting, bool More, WaitingMessage? Oldest, long DeadLetterQueue, string? Problem, string? Detail)
{
    [JsonIgnore]
    public bool IsEmpty => Waiting == 0 && DeadLetterQueue == 0 && Problem is null;

    [JsonIgnore]
    public string Count => Wording.Number(Waiting) + (More ? " or more" : "");

    public string OldestFor(DateTimeOffset now) => Oldest is { } oldest ? Wording.Duration(now > oldest.Since ? now - oldest.Since : TimeSpan.Zero) : "";
}

internal sealed record WaitingMessage(string? MessageId, string? Type, string? Subject, DateTimeOffset Since, long Deliveries);

internal sealed record BlockedPage(IReadOnlyList<JsonElement> Items, string? Continuation, IReadOnlyList<QueueStatus>? StandingStill);

internal sealed record BrokerEntityCounts(
    string Name, string Kind, long Active, long Locked, long DeadLetter, long Scheduled, long Deferred, long Sessions, string? ForwardTo);

internal sealed record BrokerSessionState(string Id, long Messages, long Locked, DateTimeOffset? LockedUntil, long StateBytes);

internal sealed record PeekedMessage(
    long SequenceNumber, string? State, string? MessageId, string? SessionId, DateTimeOffset EnqueuedTime, long DeliveryCount, string? DeadLetterReason, string? Body);

internal sealed record Stock(string Sku, long OnHand, long Reserved, long Available);

internal sealed record StockLevel(long OnHand);

internal sealed record SentMessage(string Body, string? SessionId, string? MessageId, string? ContentType, IReadOnlyDictionary<string, string> Properties);

internal sealed record OrderLine(string Sku, int Quantity, decimal UnitPrice);

internal sealed record NewOrder(string CustomerId, string Currency, IReadOnlyList<OrderLine> Lines);

internal sealed record OrderReceipt(string OrderId, string? Status, long? Position, string? CorrelationId);

internal sealed record OrderEvent(long Version, string Type, DateTimeOffset Time, string? CausationId);

internal sealed record Order(
    string OrderId,
    string? CustomerId,
    string Status,
    string? Reason,
    decimal Total,
    string? Currency,
    IReadOnlyList<OrderLine>? Lines,
    long Version,
    long Position,
    string? CorrelationId,
    IReadOnlyList<OrderEvent>? History)
{
    [JsonIgnore]
    public bool IsCompleted => Status == "completed";

    [JsonIgnore]
    public bool IsCancelled => Status == "cancelled";

    [JsonIgnore]
    public bool IsFinal => IsCompleted || IsCancelled;
}

internal sealed record PaymentEntry(string? Key, decimal Amount, DateTimeOffset? Time);

internal sealed record Payment(
    string OrderId,
    string? Status,
    decimal? Amount,
    IReadOnlyList<PaymentEntry>? Charges,
    IReadOnlyList<PaymentEntry>? Refunds);

internal sealed record Parcel(string? Key, string? TrackingNumber, DateTimeOffset? Time);

internal sealed record Shipment(
    string OrderId,
    string? Status,
    string? Carrier,
    string? TrackingNumber,
    IReadOnlyList<Parcel>? Bookings,
    IReadOnlyList<Parcel>? Recalls);

internal sealed record DeadLetter(
    string Id,
    string Container,
    string Partition,
    string? Consumer,
    string? Subject,
    string? Type,
    string? EventId,
    long? Sequence,
    string? CorrelationId,
    string? Reason,
    string? Description,
    string? Status,
    bool InOrder,
    int? Attempt,
    DateTimeOffset? CreatedAt,
    int? DeliveryCount,
    string? Fingerprint = null,
    string? Summary = null,
    DateTimeOffset? RetryAt = null,
    int? Retries = null,
    int? Edited = null,
    string? Result = null,
    DeadLetterDiscard? Discarded = null)
{
    /// <summary>How it ended, in words; <see langword="null"/> while it is open.</summary>
    [JsonIgnore]
    public string? Ending => Status != "closed" ? null : Result switch
    {
        "handled" => "handled",
        "alreadyHandled" => "had been handled before; the replay had no effect",
        "discarded" => Discarded is null ? "discarded" : $"discarded by {Discarded.By}: {Discarded.Reason}",
        _ => "closed",
    };
}

/// <summary>What the view of one entry has besides.</summary>
internal sealed record DeadLetterDetails(string Id, string? WaitsBehind, DeadLetterFollowers? Followers);

internal sealed record DeadLetterFollowers(long Count, IReadOnlyList<DeadLetterFollower>? First);

internal sealed record DeadLetterFollower(string? Id, string? Type, long? Sequence, string? Reason);

internal sealed record DeadLetterDiscard(DateTimeOffset? At, string? By, string? Reason);

internal sealed record DeadLetterGroup(
    string Fingerprint,
    string? Summary,
    int Count,
    DateTimeOffset? FirstSeen,
    DateTimeOffset? LastSeen,
    IReadOnlyList<string>? Consumers,
    DeadLetterAddress? Sample);

internal sealed record DeadLetterAddress(string? Container, string? Partition, string? Id);

internal sealed record DeadLetterGroups(IReadOnlyList<DeadLetterGroup> Items, long Total, long Ungrouped, DateTimeOffset AsOf);

internal sealed record DiscardRequest(string Reason, string By);

internal sealed record DiscardGroupRequest(string Fingerprint, string? Consumer, int Count, DateTimeOffset Before, int? Limit, string Reason, string By);

internal sealed record DiscardedGroup(long Discarded, long Remaining);

internal sealed record ResumeGroupRequest(string? Reason, string? Type, DateTimeOffset? Before);

internal sealed record ResumedGroup(long Resumed, bool More, DateTimeOffset Before);

internal sealed record PlanReplayRequest
{
    public string? Entry { get; init; }

    public string? Subject { get; init; }

    public string? Consumer { get; init; }

    public string? Type { get; init; }

    public string? Reason { get; init; }

    public string? Fingerprint { get; init; }

    public DateTimeOffset? From { get; init; }

    public DateTimeOffset? To { get; init; }

    public int? Rate { get; init; }

    public int? MaxFailed { get; init; }

    public string? By { get; init; }

    public string? Why { get; init; }

    public bool? Apply { get; init; }
}

internal sealed record StopReplayRequest(string By, string? Why);

internal sealed record ReplayGroup(string Fingerprint, string? Summary, long Subjects, long Entries);

internal sealed record ReplayLeft(long BehindOthers, long NeverReplayed);

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

internal sealed record ReplaySubject(
    int Number, string? Container, string? Partition, string? Consumer, string? Entry, string? Type, string? Reason, long Waiting, string? Status, string? Detail, long Sent);

internal sealed record FlowStep(
    string EventId,
    string Type,
    string? Kind,
    string? Source,
    string? Subject,
    long? Sequence,
    string? CausationId,
    DateTimeOffset? CommittedAt,
    string? Consumer,
    string? Container,
    string? Partition,
    DateTimeOffset? HandledAt,
    int? DeliveryCount,
    IReadOnlyList<string>? Caused,
    string? State,
    DateTimeOffset? PublishedAt,
    int? Duplicates,
    string? Reason,
    string? Replay,
    string? EditedBy = null,
    DateTimeOffset? RetryAt = null,
    int Retries = 0,
    DateTimeOffset? WaitingSince = null);

internal sealed record Flow(string CorrelationId, IReadOnlyList<FlowStep> Steps);

internal sealed record Handled(
    string Container,
    string Partition,
    string Consumer,
    string? Source,
    string? Subject,
    long? Sequence,
    string? EventId,
    string? Type,
    long Commit,
    DateTimeOffset? HandledAt,
    int? Duplicates,
    bool OrderFree = false);

internal sealed record ParkedRecord(
    string Container,
    string Partition,
    long Number,
    string? Reason,
    IReadOnlyList<string>? Types,
    DateTimeOffset? Since,
    long? Followers = null,
    ParkedDiscard? Discarded = null);

internal sealed record ParkedDiscard(DateTimeOffset? At, string? By, string? Reason);

internal sealed record Page<T>(IReadOnlyList<T> Items, string? Continuation);

/// <summary>Problem details, RFC 9457, with the <c>errors</c> member that names the places of bad input.</summary>
internal sealed record Problem(string? Title, string? Detail, IReadOnlyDictionary<string, IReadOnlyList<string>>? Errors);

[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(Health))]
[JsonSerializable(typeof(PipelineStatus))]
[JsonSerializable(typeof(Activity))]
[JsonSerializable(typeof(Stock))]
[JsonSerializable(typeof(StockLevel))]
[JsonSerializable(typeof(SentMessage))]
[JsonSerializable(typeof(NewOrder))]
[JsonSerializable(typeof(OrderReceipt))]
[JsonSerializable(typeof(Order))]
[JsonSerializable(typeof(Payment))]
[JsonSerializable(typeof(Shipment))]
[JsonSerializable(typeof(Page<DeadLetter>))]
[JsonSerializable(typeof(Page<Handled>))]
[JsonSerializable(typeof(Page<ParkedRecord>))]
[JsonSerializable(typeof(Page<JsonElement>))]
[JsonSerializable(typeof(DeadLetter))]
[JsonSerializable(typeof(DeadLetterDetails))]
[JsonSerializable(typeof(ParkedRecord))]
[JsonSerializable(typeof(BlockedEntry))]
[JsonSerializable(typeof(BlockedPage))]
[JsonSerializable(typeof(DeadLetterGroups))]
[JsonSerializable(typeof(DiscardRequest))]
[JsonSerializable(typeof(DiscardGroupRequest))]
[JsonSerializable(typeof(DiscardedGroup))]
[JsonSerializable(typeof(DryRun))]
[JsonSerializable(typeof(IReadOnlyList<Difference>))]
[JsonSerializable(typeof(EditRequest))]
[JsonSerializable(typeof(EditGroupRequest))]
[JsonSerializable(typeof(EditEventRequest))]
[JsonSerializable(typeof(EventEdit))]
[JsonSerializable(typeof(EditedGroup))]
[JsonSerializable(typeof(ResumeGroupRequest))]
[JsonSerializable(typeof(ResumedGroup))]
[JsonSerializable(typeof(List<BrokerEntityCounts>))]
[JsonSerializable(typeof(List<BrokerSessionState>))]
[JsonSerializable(typeof(List<PeekedMessage>))]
[JsonSerializable(typeof(JsonElement))]
[JsonSerializable(typeof(JsonObject))]
[JsonSerializable(typeof(PlanReplayRequest))]
[JsonSerializable(typeof(StopReplayRequest))]
[JsonSerializable(typeof(Page<ReplaySubject>))]
[JsonSerializable(typeof(Page<Replay>))]
[JsonSerializable(typeof(Page<PlannedDryRun>))]
[JsonSerializable(typeof(Replay))]
[JsonSerializable(typeof(Flow))]
[JsonSerializable(typeof(Problem))]
internal sealed partial class WireJson : JsonSerializerContext;

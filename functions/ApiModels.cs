using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Pipeline.Contracts;
using Pipeline.Contracts.Ordering;
using Pipeline.Ledger;
using Pipeline.Outbox;
using Pipeline.Replays;
using Pipeline.Services.Notifications;
using Pipeline.Services.Ordering;
using Pipeline.Services.Payments;
using Pipeline.Services.Reporting;
using Pipeline.Services.Shipping;
using Pipeline.State;

namespace Pipeline.Functions;

internal sealed record ProblemBody(
    string Type,
    string Title,
    int Status,
    string Detail,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyDictionary<string, string[]>? Errors = null);

internal sealed record HealthBody(string Status);

[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record SetStockBody(int? OnHand);

internal sealed record StockBody(string Sku, int OnHand, int Reserved, int Available);

internal sealed record OrderAcceptedBody(string OrderId, OrderStatus Status, long Position, string CorrelationId);

internal sealed record OrderBody(
    string OrderId,
    string CustomerId,
    OrderStatus Status,
    string? Reason,
    decimal Total,
    string Currency,
    IReadOnlyList<OrderLine> Lines,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Note,
    long Version,
    long Position,
    string CorrelationId,
    IReadOnlyList<HistoryEntry> History);

[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record CancelOrderBody(string? Reason);

internal sealed record PaymentBody(
    string OrderId, PaymentStatus Status, decimal? Amount, string? Currency, IReadOnlyList<MovementBody> Charges, IReadOnlyList<MovementBody> Refunds);

internal sealed record MovementBody(string Key, decimal Amount, DateTimeOffset Time);

internal sealed record NotificationsBody(string OrderId, string? CustomerId, IReadOnlyList<string> Sent, IReadOnlyList<string> Waiting, IReadOnlyList<SentEmail> Emails);

internal sealed record ReportBody(
    string Day, int Articles, long Quantity, IReadOnlyDictionary<string, decimal> Revenue, ReportedOrders Orders, IReadOnlyList<SalesFigures> Sales);

internal sealed record ReportedOrders(
    int Completed, IReadOnlyDictionary<string, int> Cancelled, IReadOnlyDictionary<string, decimal> Revenue, long Lines, long Pieces, double? MeanMinutes);

internal sealed record ShipmentBody(
    string OrderId, ShipmentStatus Status, string? Carrier, string? TrackingNumber, DateTimeOffset? DeliveredAt, string? SignedBy, IReadOnlyList<ParcelBody> Bookings, IReadOnlyList<ParcelBody> Recalls);

internal sealed record ParcelBody(string Key, string TrackingNumber, DateTimeOffset Time);

internal sealed record CarrierFaultsBody(IReadOnlyList<string> Skus);

internal sealed record DeadLetterPage(IReadOnlyList<DeadLetterView> Items, string? Continuation);

internal sealed record DeadLetterGroupsBody(IReadOnlyList<DeadLetterGroup> Items, int Total, int Ungrouped, DateTimeOffset AsOf);

[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record DiscardBody(string? Reason, string? By);

[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record DiscardGroupBody(string? Fingerprint, string? Consumer, int? Count, DateTimeOffset? Before, int? Limit, string? Reason, string? By);

[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record EditBody(JsonElement? Patch, JsonElement? Replacement, string? Why, string? By, int? From);

[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record EditEventBody(
    string? EventId, string? Source, JsonElement? Patch, JsonElement? Replacement, string? Why, string? By);

[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record EditGroupBody(
    string? Fingerprint, string? Consumer, int? Count, DateTimeOffset? Before, JsonElement? Patch, string? Why, string? By, int? Limit, string? Continuation);

internal sealed record HandledPage(IReadOnlyList<HandledView> Items, string? Continuation);

internal sealed record ParkedPage(IReadOnlyList<ParkedView> Items, string? Continuation);

[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record ResumeGroupBody(string? Reason, string? Type, DateTimeOffset? Before, int? Limit);

internal sealed record ResumedBody(int Resumed, bool More, DateTimeOffset Before);

[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record PlanReplayBody(
    string? Entry,
    string? Subject,
    string? Consumer,
    string? Type,
    string? Reason,
    string? Fingerprint,
    DateTimeOffset? From,
    DateTimeOffset? To,
    int? Rate,
    int? MaxFailed,
    string? By,
    string? Why,
    bool? Apply);

[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record StopReplayBody(string? By, string? Why);

internal sealed record ReplayPage(IReadOnlyList<ReplayView> Items, string? Continuation);

internal sealed record PlannedDryRunPage(IReadOnlyList<PlannedDryRun> Items, string? Continuation);

internal sealed record ReplaySubjectPage(IReadOnlyList<ReplaySubject> Items, string? Continuation);

internal sealed record SchemasBody(IReadOnlyList<SchemaEntry> Items);

internal sealed record SchemaEntry(
    string Type, string Kind, string Owner, bool IsPublic, bool IsRetired, string Destination, string SubjectRule, string Description, Uri Schema);

internal sealed record FlowBody(string CorrelationId, IReadOnlyList<FlowStep> Steps);

internal sealed record FlowStep(
    string EventId,
    string Type,
    string Kind,
    string Source,
    string? Subject,
    long? Sequence,
    string? CausationId,
    DateTimeOffset? CommittedAt,
    string? Consumer,
    string Container,
    string Partition,
    DateTimeOffset? HandledAt,
    int DeliveryCount,
    IReadOnlyList<string> Caused,
    string State,
    DateTimeOffset? PublishedAt,
    int Duplicates,
    string? Reason,
    string? Replay,
    string? Edit,
    string? EditedBy,
    DateTimeOffset? RetryAt,
    int Retries,
    DateTimeOffset? WaitingSince);

/// <param name="Items">The blocked subjects.</param>
/// <param name="Continuation">Where the next page begins.</param>
/// <param name="StandingStill">Consumers whose messages wait in the broker, and nothing handles them; on the first page only.</param>
internal sealed record BlockedPage(IReadOnlyList<BlockedSubjectView> Items, string? Continuation, IReadOnlyList<QueueStatus> StandingStill);

internal sealed record StatusBody(
    int BlockedSubjects, int OpenDeadLetters, int Held, int Parked, int Unpublished, double OldestUnpublishedSeconds, int Damaged,
    IReadOnlyList<ContainerStatus> Containers,
    BrokerStatus Broker);

/// <summary>Source-generated metadata of everything that goes over HTTP.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ProblemBody))]
[JsonSerializable(typeof(HealthBody))]
[JsonSerializable(typeof(SetStockBody))]
[JsonSerializable(typeof(StockBody))]
[JsonSerializable(typeof(PlaceOrder))]
[JsonSerializable(typeof(OrderAcceptedBody))]
[JsonSerializable(typeof(OrderBody))]
[JsonSerializable(typeof(CancelOrderBody))]
[JsonSerializable(typeof(PaymentBody))]
[JsonSerializable(typeof(NotificationsBody))]
[JsonSerializable(typeof(SalesFigures))]
[JsonSerializable(typeof(ReportBody))]
[JsonSerializable(typeof(ShipmentBody))]
[JsonSerializable(typeof(CarrierFaultsBody))]
[JsonSerializable(typeof(DeadLetterPage))]
[JsonSerializable(typeof(DeadLetterView))]
[JsonSerializable(typeof(DeadLetterGroupsBody))]
[JsonSerializable(typeof(DiscardBody))]
[JsonSerializable(typeof(DiscardGroupBody))]
[JsonSerializable(typeof(GroupDiscard))]
[JsonSerializable(typeof(DryRunView))]
[JsonSerializable(typeof(EditBody))]
[JsonSerializable(typeof(EditGroupBody))]
[JsonSerializable(typeof(EditEventBody))]
[JsonSerializable(typeof(EventEdit))]
[JsonSerializable(typeof(GroupEdit))]
[JsonSerializable(typeof(HandledPage))]
[JsonSerializable(typeof(ParkedPage))]
[JsonSerializable(typeof(ResumeGroupBody))]
[JsonSerializable(typeof(ResumedBody))]
[JsonSerializable(typeof(PlanReplayBody))]
[JsonSerializable(typeof(StopReplayBody))]
[JsonSerializable(typeof(ReplayPage))]
[JsonSerializable(typeof(ReplaySubjectPage))]
[JsonSerializable(typeof(PlannedDryRunPage))]
[JsonSerializable(typeof(ReplayView))]
[JsonSerializable(typeof(SchemasBody))]
[JsonSerializable(typeof(FlowBody))]
[JsonSerializable(typeof(BlockedPage))]
[JsonSerializable(typeof(StatusBody))]
[JsonSerializable(typeof(ActivityReport))]
internal sealed partial class ApiJson : JsonSerializerContext
{
    /// <summary>Readable: quotes and plus signs as they are. What is served is JSON and nothing else, so nothing has to be escaped for HTML.</summary>
    public static ApiJson Readable { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        AllowDuplicateProperties = false,
        Converters = { new DecimalConverter(), new TimeConverter() },
    });
}

using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Pipeline.Client;
using Pipeline.Contracts;
using Pipeline.DeadLetters;
using Pipeline.Editing;
using Pipeline.Operations;
using Pipeline.Replay;
using Pipeline.Services.Ordering;
using Pipeline.Services.Reporting;

namespace Pipeline.Functions;

/// <summary>Source-generated metadata of all HTTP bodies.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ProblemBody))]
[JsonSerializable(typeof(ProblemTypeBody))]
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
[JsonSerializable(typeof(DeadLetterDetails))]
[JsonSerializable(typeof(DeadLetterGroupsBody))]
[JsonSerializable(typeof(DiscardBody))]
[JsonSerializable(typeof(DiscardGroupBody))]
[JsonSerializable(typeof(GroupDiscard))]
[JsonSerializable(typeof(DryRunDetails))]
[JsonSerializable(typeof(EditBody))]
[JsonSerializable(typeof(EditGroupBody))]
[JsonSerializable(typeof(EditEventBody))]
[JsonSerializable(typeof(EventEdit))]
[JsonSerializable(typeof(GroupEdit))]
[JsonSerializable(typeof(HandledPage))]
[JsonSerializable(typeof(QuarantinePage))]
[JsonSerializable(typeof(ReleaseGroupBody))]
[JsonSerializable(typeof(ReleasedBody))]
[JsonSerializable(typeof(PlanReplayBody))]
[JsonSerializable(typeof(StopReplayBody))]
[JsonSerializable(typeof(ReplayPage))]
[JsonSerializable(typeof(ReplaySubjectPage))]
[JsonSerializable(typeof(PlannedDryRunPage))]
[JsonSerializable(typeof(ReplaySummary))]
[JsonSerializable(typeof(SchemasBody))]
[JsonSerializable(typeof(FlowBody))]
[JsonSerializable(typeof(BlockedPage))]
[JsonSerializable(typeof(StatusBody))]
[JsonSerializable(typeof(ActivityReport))]
internal sealed partial class ApiJson : JsonSerializerContext
{
    /// <summary>Gets the metadata with readable output: quotes and plus signs are not escaped, because JSON is never embedded in HTML here.</summary>
    public static ApiJson Readable { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        AllowDuplicateProperties = false,
        Converters = { new DecimalConverter(), new TimeConverter() },
    });
}

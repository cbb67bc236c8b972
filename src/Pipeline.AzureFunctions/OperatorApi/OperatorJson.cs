using System.Text.Json.Serialization;
using Pipeline.AzureFunctions.Http;
using Pipeline.Client;
using Pipeline.Contracts;
using Pipeline.DeadLetters;
using Pipeline.Editing;
using Pipeline.Operations;
using Pipeline.Replay;

namespace Pipeline.AzureFunctions.OperatorApi;

/// <summary>Source-generated metadata of the bodies of operators.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(HealthBody))]
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
internal sealed partial class OperatorJson : JsonSerializerContext
{
    /// <summary>Gets the metadata with the options of the API.</summary>
    public static OperatorJson Readable { get; } = new(ApiJson.NewOptions());
}

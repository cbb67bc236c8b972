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
[JsonSerializable(typeof(Health))]
[JsonSerializable(typeof(Page<DeadLetterDetails>))]
[JsonSerializable(typeof(DeadLetterDetails))]
[JsonSerializable(typeof(DeadLetterGroupList))]
[JsonSerializable(typeof(DiscardRequest))]
[JsonSerializable(typeof(DiscardGroupRequest))]
[JsonSerializable(typeof(GroupDiscard))]
[JsonSerializable(typeof(DryRunDetails))]
[JsonSerializable(typeof(EditRequest))]
[JsonSerializable(typeof(EditGroupRequest))]
[JsonSerializable(typeof(EditEventRequest))]
[JsonSerializable(typeof(EventEdit))]
[JsonSerializable(typeof(GroupEdit))]
[JsonSerializable(typeof(Page<HandledMessageSummary>))]
[JsonSerializable(typeof(Page<QuarantinedMessageSummary>))]
[JsonSerializable(typeof(ReleaseGroupRequest))]
[JsonSerializable(typeof(ReleasedGroup))]
[JsonSerializable(typeof(PlanReplayRequest))]
[JsonSerializable(typeof(StopReplayRequest))]
[JsonSerializable(typeof(Page<ReplaySummary>))]
[JsonSerializable(typeof(Page<ReplaySubject>))]
[JsonSerializable(typeof(Page<PlannedDryRun>))]
[JsonSerializable(typeof(ReplaySummary))]
[JsonSerializable(typeof(SchemasBody))]
[JsonSerializable(typeof(FlowDetails))]
[JsonSerializable(typeof(BlockedPage))]
[JsonSerializable(typeof(PipelineStatus))]
[JsonSerializable(typeof(ActivityReport))]
internal sealed partial class OperatorJson : JsonSerializerContext
{
    /// <summary>Gets the metadata with the options of the API.</summary>
    public static OperatorJson Readable { get; } = new(ApiJson.NewOptions());
}

using System.Text.Json;
using System.Text.Json.Serialization;

namespace Pipeline.Client;

/// <summary>
/// Source-generated metadata of the API's records. Members that this version does not know are ignored; one that is missing, or
/// <see langword="null"/> where it never is, is an error.
/// </summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    GenerationMode = JsonSourceGenerationMode.Metadata,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(Health))]
[JsonSerializable(typeof(PipelineStatus))]
[JsonSerializable(typeof(ActivityReport))]
[JsonSerializable(typeof(BlockedPage))]
[JsonSerializable(typeof(FlowDetails))]
[JsonSerializable(typeof(Page<HandledMessageSummary>))]
[JsonSerializable(typeof(Page<DeadLetterDetails>))]
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
[JsonSerializable(typeof(Page<QuarantinedMessageSummary>))]
[JsonSerializable(typeof(ReleaseGroupRequest))]
[JsonSerializable(typeof(ReleasedGroup))]
[JsonSerializable(typeof(PlanReplayRequest))]
[JsonSerializable(typeof(StopReplayRequest))]
[JsonSerializable(typeof(Page<ReplaySummary>))]
[JsonSerializable(typeof(Page<ReplaySubject>))]
[JsonSerializable(typeof(Page<PlannedDryRun>))]
[JsonSerializable(typeof(IReadOnlyList<JsonDifference>))]
[JsonSerializable(typeof(Page<JsonElement>))]
public sealed partial class PipelineJson : JsonSerializerContext;

using System.Text.Json.Serialization;

namespace Pipeline.Replay;

/// <summary>Source-generated metadata of the plans.</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ReplayRecord))]
[JsonSerializable(typeof(ReplaySubjectRecord))]
[JsonSerializable(typeof(ReplayRequest))]
internal sealed partial class ReplayJson : JsonSerializerContext;

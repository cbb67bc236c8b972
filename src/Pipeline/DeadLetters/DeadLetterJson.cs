using System.Text.Json.Serialization;
using Pipeline.Client;

namespace Pipeline.DeadLetters;

/// <summary>Source-generated metadata of dead letters and of the replays of their subjects.</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(DeadLetter))]
[JsonSerializable(typeof(DeadLetterRow))]
[JsonSerializable(typeof(DiscardDetails))]
[JsonSerializable(typeof(FollowerSummary))]
[JsonSerializable(typeof(SubjectReplayRecord))]
internal sealed partial class DeadLetterJson : JsonSerializerContext;

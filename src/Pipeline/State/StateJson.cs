using System.Text.Json.Serialization;

namespace Pipeline.State;

/// <summary>Source-generated metadata of stored domain events.</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(StoredEvent))]
internal sealed partial class StateJson : JsonSerializerContext;

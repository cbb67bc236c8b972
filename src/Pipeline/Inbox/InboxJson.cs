using System.Text.Json.Serialization;

namespace Pipeline.Inbox;

/// <summary>Source-generated metadata of inbox records.</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(InboxRecord))]
internal sealed partial class InboxJson : JsonSerializerContext;
